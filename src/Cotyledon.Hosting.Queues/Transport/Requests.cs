using Cotyledon.Hosting.Queues.Configuration;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>Reads and validates the frames of a worker. The master uses only values that were validated here.</summary>
/// <remarks>All methods throw <see cref="InvalidDataException"/> for a frame that a worker of this version does not send.</remarks>
internal static class Requests
{
    public static string ReadOpen(FieldReader fields)
    {
        var name = fields.Text();
        fields.End();
        return QueueName.IsValid(name) ? name : throw new InvalidDataException("A worker sent a queue name that is not valid.");
    }

    public static (long Id, Settlement Settlement, TimeSpan Delay) ReadSettle(FieldReader fields)
    {
        var (id, settlement, ticks) = (fields.Int64(), (Settlement)fields.Byte(), fields.Int64());
        fields.End();
        return Enum.IsDefined(settlement)
            ? (id, settlement, TimeSpan.FromTicks(ticks))
            : throw new InvalidDataException($"A worker settled an item as {(byte)settlement}, which is unknown.");
    }

    public static int ReadGrant(FieldReader fields)
    {
        var count = fields.Int32();
        fields.End();
        return count >= 0 ? count : throw new InvalidDataException($"A worker asked for {count} items.");
    }

    public static (int Request, ReadOnlyMemory<byte>[] Bodies) ReadEnqueue(FieldReader fields)
    {
        var request = fields.Int32();
        var bodies = new ReadOnlyMemory<byte>[fields.Count(size: 4)];
        for (var i = 0; i < bodies.Length; i++)
        {
            bodies[i] = fields.Bytes();
        }

        fields.End();
        return (request, bodies);
    }

    /// <summary>Reads a frame whose only field is the number of a request.</summary>
    public static int ReadNumber(FieldReader fields)
    {
        var request = fields.Int32();
        fields.End();
        return request;
    }

    public static (int Request, long After, int Max) ReadGetDead(FieldReader fields)
    {
        var (request, after, max) = (fields.Int32(), fields.Int64(), fields.Int32());
        fields.End();
        return after >= 0 && max > 0
            ? (request, after, max)
            : throw new InvalidDataException($"A worker asked for {max} dead items after {after}.");
    }

    public static (int Request, long[] Ids) ReadIds(FieldReader fields)
    {
        var request = fields.Int32();
        var ids = new long[fields.Count(size: 8)];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = fields.Int64();
        }

        fields.End();
        return (request, ids);
    }
}
