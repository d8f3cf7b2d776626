namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>What a value is; a byte before it.</summary>
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

    /// <summary>Any other type, as its text.</summary>
    Shown,
    Sequence,
    Structure,
    Dictionary,
}
