using System.Buffers.Binary;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>Writes the content of deliveries and answers in the master, and reads it in the worker.</summary>
internal static class Answers
{
    /// <summary>Writes items as id, attempt and body.</summary>
    public static void Items(this FrameWriter frame, IReadOnlyList<QueueItem> items, int begin, int end)
    {
        frame.Number(end - begin);
        for (var i = begin; i < end; i++)
        {
            frame.Number(items[i].Id).Number(items[i].Attempts).Bytes(items[i].Body.Span);
        }
    }

    /// <exception cref="InvalidDataException">The items cannot be read.</exception>
    public static Arrival[] ReadItems(ref FieldReader fields)
    {
        var items = new Arrival[fields.Count(size: 16)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = new Arrival(fields.Int64(), fields.Int32(), fields.Bytes());
        }

        return items;
    }

    public static byte[] Write(QueueStatistics statistics)
    {
        var bytes = new byte[40];
        long[] values =
            [statistics.Waiting, statistics.Taken, statistics.Completed, statistics.Redelivered, statistics.Dead];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), values[i]);
        }

        return bytes;
    }

    public static QueueStatistics ReadStatistics(byte[] answer)
    {
        var fields = new FieldReader(answer);
        return new QueueStatistics
        {
            Waiting = fields.Int64(),
            Taken = fields.Int64(),
            Completed = fields.Int64(),
            Redelivered = fields.Int64(),
            Dead = fields.Int64(),
        };
    }

    public static byte[] Write(IReadOnlyList<QueueItem> dead)
    {
        var buffer = new FrameBuffer();
        var header = new FrameWriter(buffer, FrameKind.Items, 0);
        var begin = buffer.Count;
        header.Items(dead, 0, dead.Count);
        return buffer.Written[begin..].ToArray();
    }

    public static Arrival[] ReadDead(byte[] answer)
    {
        var fields = new FieldReader(answer);
        return ReadItems(ref fields);
    }

    public static byte[] Write(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }

    public static int ReadNumber(byte[] answer) => BinaryPrimitives.ReadInt32LittleEndian(answer);
}
