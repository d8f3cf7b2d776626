using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Writes values of common types, with their type.</summary>
internal static class ScalarWriter
{
    /// <summary>Writes a value.</summary>
    /// <returns>False if the type has no <see cref="ValueKind"/> of its own; nothing is written then.</returns>
    public static bool TryWrite(FrameWriter frame, object? value) => value switch
    {
        null => Kind(frame, ValueKind.Null),
        string text => Kind(frame, ValueKind.String).VarText(text),
        int number => Kind(frame, ValueKind.Int32).VarSigned(number),
        long number => Kind(frame, ValueKind.Int64).VarSigned(number),
        bool flag => Kind(frame, flag ? ValueKind.True : ValueKind.False),
        double number => Kind(frame, ValueKind.Double).Int64(BitConverter.DoubleToInt64Bits(number)),
        DateTime time => Kind(frame, ValueKind.DateTime).Int64(time.Ticks).Byte((byte)time.Kind),
        DateTimeOffset time => Kind(frame, ValueKind.DateTimeOffset).Int64(time.Ticks).VarSigned(time.Offset.Ticks),
        TimeSpan span => Kind(frame, ValueKind.TimeSpan).VarSigned(span.Ticks),
        DateOnly date => Kind(frame, ValueKind.DateOnly).VarNumber((ulong)date.DayNumber),
        TimeOnly time => Kind(frame, ValueKind.TimeOnly).VarNumber((ulong)time.Ticks),
        Guid guid => Kind(frame, ValueKind.Guid).Guid(guid),
        decimal number => WriteDecimal(Kind(frame, ValueKind.Decimal), number),
        float number => Kind(frame, ValueKind.Single).VarNumber(BitConverter.SingleToUInt32Bits(number)),
        char character => Kind(frame, ValueKind.Char).VarNumber(character),
        byte number => Kind(frame, ValueKind.Byte).Byte(number),
        uint number => Kind(frame, ValueKind.UInt32).VarNumber(number),
        ulong number => Kind(frame, ValueKind.UInt64).VarNumber(number),
        short number => Kind(frame, ValueKind.Int16).VarSigned(number),
        ushort number => Kind(frame, ValueKind.UInt16).VarNumber(number),
        sbyte number => Kind(frame, ValueKind.SByte).VarSigned(number),
        _ => null,
    } is not null;

    private static FrameWriter Kind(FrameWriter frame, ValueKind kind) => frame.Byte((byte)kind);

    private static FrameWriter WriteDecimal(FrameWriter frame, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        foreach (var part in parts)
        {
            frame.VarNumber((uint)part);
        }

        return frame;
    }
}
