namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Writes values of common types, with their type.</summary>
internal static class ScalarWriter
{
    /// <summary>Writes a value.</summary>
    /// <returns>False if the type has no <see cref="ValueKind"/> of its own; nothing is written then.</returns>
    public static bool TryWrite(FrameWriter frame, object? value) => value switch
    {
        null => Kind(frame, ValueKind.Null),
        string text => Kind(frame, ValueKind.String).Text(text),
        int number => Kind(frame, ValueKind.Int32).Signed(number),
        long number => Kind(frame, ValueKind.Int64).Signed(number),
        bool flag => Kind(frame, flag ? ValueKind.True : ValueKind.False),
        double number => Kind(frame, ValueKind.Double).Fixed(BitConverter.DoubleToInt64Bits(number)),
        DateTime time => Kind(frame, ValueKind.DateTime).Fixed(time.Ticks).Byte((byte)time.Kind),
        DateTimeOffset time => Kind(frame, ValueKind.DateTimeOffset).Fixed(time.Ticks).Signed(time.Offset.Ticks),
        TimeSpan span => Kind(frame, ValueKind.TimeSpan).Signed(span.Ticks),
        DateOnly date => Kind(frame, ValueKind.DateOnly).Number((ulong)date.DayNumber),
        TimeOnly time => Kind(frame, ValueKind.TimeOnly).Number((ulong)time.Ticks),
        Guid guid => WriteGuid(Kind(frame, ValueKind.Guid), guid),
        decimal number => WriteDecimal(Kind(frame, ValueKind.Decimal), number),
        float number => Kind(frame, ValueKind.Single).Number(BitConverter.SingleToUInt32Bits(number)),
        char character => Kind(frame, ValueKind.Char).Number(character),
        byte number => Kind(frame, ValueKind.Byte).Byte(number),
        uint number => Kind(frame, ValueKind.UInt32).Number(number),
        ulong number => Kind(frame, ValueKind.UInt64).Number(number),
        short number => Kind(frame, ValueKind.Int16).Signed(number),
        ushort number => Kind(frame, ValueKind.UInt16).Number(number),
        sbyte number => Kind(frame, ValueKind.SByte).Signed(number),
        _ => null,
    } is not null;

    private static FrameWriter Kind(FrameWriter frame, ValueKind kind) => frame.Byte((byte)kind);

    private static FrameWriter WriteGuid(FrameWriter frame, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes);
        return frame.Bytes(bytes);
    }

    private static FrameWriter WriteDecimal(FrameWriter frame, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        foreach (var part in parts)
        {
            frame.Number((uint)part);
        }

        return frame;
    }
}
