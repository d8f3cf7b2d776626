namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Writes values of common types, with their type.</summary>
internal static class ScalarWriter
{
    /// <summary>Writes a value.</summary>
    /// <returns>False if the type has no <see cref="ValueKind"/> of its own; nothing is written then.</returns>
    public static bool TryWrite(FrameWriter frame, object? value)
    {
        switch (value)
        {
            case null:
                Kind(frame, ValueKind.Null);
                return true;
            case string text:
                Kind(frame, ValueKind.String).Text(text);
                return true;
            case int number:
                Kind(frame, ValueKind.Int32).Signed(number);
                return true;
            case long number:
                Kind(frame, ValueKind.Int64).Signed(number);
                return true;
            case bool flag:
                Kind(frame, flag ? ValueKind.True : ValueKind.False);
                return true;
            case double number:
                Kind(frame, ValueKind.Double).Fixed(BitConverter.DoubleToInt64Bits(number));
                return true;
            default:
                return TryWriteTime(frame, value) || TryWriteOtherNumber(frame, value);
        }
    }

    private static FrameWriter Kind(FrameWriter frame, ValueKind kind) => frame.Byte((byte)kind);

    private static bool TryWriteTime(FrameWriter frame, object value)
    {
        switch (value)
        {
            case DateTime time:
                Kind(frame, ValueKind.DateTime).Fixed(time.Ticks).Byte((byte)time.Kind);
                return true;
            case DateTimeOffset time:
                Kind(frame, ValueKind.DateTimeOffset).Fixed(time.Ticks).Signed(time.Offset.Ticks);
                return true;
            case TimeSpan span:
                Kind(frame, ValueKind.TimeSpan).Signed(span.Ticks);
                return true;
            case DateOnly date:
                Kind(frame, ValueKind.DateOnly).Number((ulong)date.DayNumber);
                return true;
            case TimeOnly time:
                Kind(frame, ValueKind.TimeOnly).Number((ulong)time.Ticks);
                return true;
            default:
                return false;
        }
    }

    private static bool TryWriteOtherNumber(FrameWriter frame, object value)
    {
        switch (value)
        {
            case Guid guid:
                Span<byte> bytes = stackalloc byte[16];
                guid.TryWriteBytes(bytes);
                Kind(frame, ValueKind.Guid).Bytes(bytes);
                return true;
            case decimal number:
                WriteDecimal(Kind(frame, ValueKind.Decimal), number);
                return true;
            case float number:
                Kind(frame, ValueKind.Single).Number(BitConverter.SingleToUInt32Bits(number));
                return true;
            case char character:
                Kind(frame, ValueKind.Char).Number(character);
                return true;
            case byte number:
                Kind(frame, ValueKind.Byte).Byte(number);
                return true;
            case uint number:
                Kind(frame, ValueKind.UInt32).Number(number);
                return true;
            case ulong number:
                Kind(frame, ValueKind.UInt64).Number(number);
                return true;
            case short number:
                Kind(frame, ValueKind.Int16).Signed(number);
                return true;
            case ushort number:
                Kind(frame, ValueKind.UInt16).Number(number);
                return true;
            case sbyte number:
                Kind(frame, ValueKind.SByte).Signed(number);
                return true;
            default:
                return false;
        }
    }

    private static void WriteDecimal(FrameWriter frame, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        foreach (var part in parts)
        {
            frame.Number((uint)part);
        }
    }
}
