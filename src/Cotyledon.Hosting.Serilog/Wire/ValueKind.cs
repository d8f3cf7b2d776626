namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>The type of a value, in the byte before it.</summary>
internal enum ValueKind : byte
{
    Null = 0,
    False,
    True,
    Byte,
    SByte,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Single,
    Double,
    Decimal,
    Char,
    String,
    DateTime,
    DateTimeOffset,
    TimeSpan,
    Guid,
    DateOnly,
    TimeOnly,

    /// <summary>A string that has a number.</summary>
    KnownText,

    /// <summary>The text of a value of any other type.</summary>
    Shown,
    Sequence,
    Structure,
    Dictionary,
}
