using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Reads the values that <see cref="ScalarWriter"/> writes.</summary>
internal static class ScalarReader
{
    private static readonly object True = true;
    private static readonly object False = false;

    /// <exception cref="InvalidDataException">The kind is unknown, or the value is out of its range.</exception>
    public static object? Read(ref FieldReader fields, ValueKind kind) => kind switch
    {
        ValueKind.Null => null,
        ValueKind.False => False,
        ValueKind.True => True,
        ValueKind.String => fields.VarText(),
        ValueKind.Shown => new ShownValue(fields.VarText()),
        ValueKind.Byte => fields.Byte(),
        ValueKind.SByte => (sbyte)fields.VarSigned(sbyte.MinValue, sbyte.MaxValue),
        ValueKind.Int16 => (short)fields.VarSigned(short.MinValue, short.MaxValue),
        ValueKind.UInt16 => (ushort)fields.VarNumber(ushort.MaxValue),
        ValueKind.Int32 => (int)fields.VarSigned(int.MinValue, int.MaxValue),
        ValueKind.UInt32 => (uint)fields.VarNumber(uint.MaxValue),
        ValueKind.Int64 => fields.VarSigned(),
        ValueKind.UInt64 => fields.VarNumber(),
        ValueKind.Single => BitConverter.UInt32BitsToSingle((uint)fields.VarNumber(uint.MaxValue)),
        ValueKind.Double => BitConverter.Int64BitsToDouble(fields.Int64()),
        ValueKind.Decimal => ReadDecimal(ref fields),
        ValueKind.Char => (char)fields.VarNumber(char.MaxValue),
        ValueKind.DateTime => ReadDateTime(ref fields),
        ValueKind.DateTimeOffset => ToDateTimeOffset(fields.Int64(), fields.VarSigned()),
        ValueKind.TimeSpan => new TimeSpan(fields.VarSigned()),
        ValueKind.Guid => new Guid(fields.VarBytes(16)),
        ValueKind.DateOnly => DateOnly.FromDayNumber((int)fields.VarNumber((ulong)DateOnly.MaxValue.DayNumber)),
        ValueKind.TimeOnly => new TimeOnly((long)fields.VarNumber((ulong)TimeOnly.MaxValue.Ticks)),
        _ => throw new InvalidDataException($"A frame of the log has a value of kind {(byte)kind}, which is unknown."),
    };

    /// <exception cref="InvalidDataException">The time is out of range.</exception>
    public static DateTimeOffset ToDateTimeOffset(long ticks, long offset)
    {
        // DateTimeOffset accepts offsets of whole minutes, up to 14 hours. The UTC time is compared without an overflow.
        var isValid = ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            && offset is >= -14 * TimeSpan.TicksPerHour and <= 14 * TimeSpan.TicksPerHour && offset % TimeSpan.TicksPerMinute == 0
            && ticks - offset >= 0 && ticks - offset <= DateTime.MaxValue.Ticks;
        return isValid
            ? new DateTimeOffset(ticks, new TimeSpan(offset))
            : throw new InvalidDataException($"A frame of the log has a time of {ticks} ticks and an offset of {offset} ticks.");
    }

    private static DateTime ReadDateTime(ref FieldReader fields)
    {
        var ticks = fields.Int64();
        var kind = (DateTimeKind)fields.Byte((byte)DateTimeKind.Local);
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            ? new DateTime(ticks, kind)
            : throw new InvalidDataException($"A frame of the log has a time of {ticks} ticks.");
    }

    private static decimal ReadDecimal(ref FieldReader fields)
    {
        const int SignMask = int.MinValue;
        Span<int> parts = stackalloc int[4];
        foreach (ref var part in parts)
        {
            part = (int)(uint)fields.VarNumber(uint.MaxValue);
        }

        // The last part has the sign in its highest bit, and the number of decimal places, at most 28, in its third byte.
        return (parts[3] & ~(SignMask | 0xff0000)) == 0 && (parts[3] >> 16 & 0xff) <= 28
            ? new decimal(parts)
            : throw new InvalidDataException($"A frame of the log has a decimal number of the form {parts[3]:x8}.");
    }
}
