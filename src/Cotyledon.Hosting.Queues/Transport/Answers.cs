using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>Writes the content of deliveries and answers in the master, and reads it in the worker.</summary>
internal static class Answers
{
    public static void Items(this FrameWriter frame, IReadOnlyList<QueueItem> items, int begin, int end)
    {
        frame.Int32(end - begin);
        for (var i = begin; i < end; i++)
        {
            frame.Int64(items[i].Id).Int32(items[i].Attempts).Bytes(items[i].Body.Span);
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

    public static byte[] Write(QueueStatistics statistics) => Write(
        statistics,
        static (frame, s) => frame.Int64(s.Waiting).Int64(s.Taken).Int64(s.Completed).Int64(s.Redelivered).Int64(s.Dead));

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

    public static byte[] Write(IReadOnlyList<QueueItem> dead) => Write(dead, static (frame, items) => frame.Items(items, 0, items.Count));

    public static Arrival[] ReadDead(byte[] answer)
    {
        var fields = new FieldReader(answer);
        return ReadItems(ref fields);
    }

    public static byte[] Write(int number) => Write(number, static (frame, n) => frame.Int32(n));

    public static int ReadNumber(byte[] answer) => new FieldReader(answer).Int32();

    private static byte[] Write<T>(T value, FrameStream.FrameFiller<T> fill)
    {
        var fields = new FrameWriter();
        fill(fields, value);
        return fields.Detach();
    }
}
