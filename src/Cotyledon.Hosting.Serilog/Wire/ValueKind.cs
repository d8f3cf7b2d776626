namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>The type of a value, in the byte before it.</summary>
internal enum ValueKind : byte
{
    Null = 0,
    False = 1,
    True = 2,
    Byte = 3,
    SByte = 4,
    Int16 = 5,
    UInt16 = 6,
    Int32 = 7,
    UInt32 = 8,
    Int64 = 9,
    UInt64 = 10,
    Single = 11,
    Double = 12,
    Decimal = 13,
    Char = 14,
    String = 15,
    DateTime = 16,
    DateTimeOffset = 17,
    TimeSpan = 18,
    Guid = 19,
    DateOnly = 20,
    TimeOnly = 21,

    /// <summary>A string that has a number.</summary>
    KnownText = 22,

    /// <summary>The text of a value of any other type.</summary>
    Shown = 23,
    Sequence = 24,
    Structure = 25,
    Dictionary = 26,
}
