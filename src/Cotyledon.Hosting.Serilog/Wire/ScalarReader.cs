namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Reads what <see cref="ScalarWriter"/> writes.</summary>
internal static class ScalarReader
{
    private static readonly object True = true;
    private static readonly object False = false;

    /// <exception cref="InvalidDataException">There is no such kind.</exception>
    public static object? Read(ref FrameFields fields, ValueKind kind) => kind switch
    {
        ValueKind.Null => null,
        ValueKind.False => False,
        ValueKind.True => True,
        ValueKind.String => fields.Text(),
        ValueKind.Shown => new ShownValue(fields.Text()),
        ValueKind.Byte => fields.Byte(),
        ValueKind.SByte => (sbyte)fields.Signed(),
        ValueKind.Int16 => (short)fields.Signed(),
        ValueKind.UInt16 => (ushort)fields.Number(),
        ValueKind.Int32 => (int)fields.Signed(),
        ValueKind.UInt32 => (uint)fields.Number(),
        ValueKind.Int64 => fields.Signed(),
        ValueKind.UInt64 => fields.Number(),
        ValueKind.Single => BitConverter.UInt32BitsToSingle((uint)fields.Number()),
        ValueKind.Double => BitConverter.Int64BitsToDouble(fields.Fixed()),
        ValueKind.Decimal => ReadDecimal(ref fields),
        ValueKind.Char => (char)fields.Number(),
        ValueKind.DateTime => new DateTime(fields.Fixed(), (DateTimeKind)fields.Byte()),
        ValueKind.DateTimeOffset => new DateTimeOffset(fields.Fixed(), new TimeSpan(fields.Signed())),
        ValueKind.TimeSpan => new TimeSpan(fields.Signed()),
        ValueKind.Guid => new Guid(fields.Bytes(16)),
        ValueKind.DateOnly => DateOnly.FromDayNumber((int)fields.Number()),
        ValueKind.TimeOnly => new TimeOnly((long)fields.Number()),
        _ => throw new InvalidDataException($"A frame of the log has a value of kind {(byte)kind}, which is unknown."),
    };

    private static decimal ReadDecimal(ref FrameFields fields)
    {
        Span<int> parts = stackalloc int[4];
        foreach (ref var part in parts)
        {
            part = (int)(uint)fields.Number();
        }

        return new decimal(parts);
    }
}
