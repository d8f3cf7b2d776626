using Cotyledon.Hosting.Queues.Extensibility;
using Microsoft.Data.Sqlite;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Reads the items of a file.</summary>
internal sealed class ItemReader(SqliteConnection connection) : IDisposable
{
    /// <summary>A page ends when it reaches this size in bytes, even if more items are wanted.</summary>
    private const int MaxPageSize = 8 * 1024 * 1024;

    private readonly Statement _read = new(
        connection, "SELECT id, attempts, body FROM items WHERE id > ? AND dead = 0 ORDER BY id LIMIT ?");

    private readonly Statement _readDead = new(
        connection, "SELECT id, attempts, body FROM items WHERE dead = 1 AND id > ? ORDER BY id LIMIT ?");

    private readonly Statement _countDead = new(connection, "SELECT count(*) FROM items WHERE dead = 1");

    /// <summary>Reads items that are not dead, in their order, and whether the file has no more after them.</summary>
    public (List<QueueItem> Items, bool IsEnd) ReadPage(long after, long max)
    {
        var items = new List<QueueItem>();
        var left = (long)MaxPageSize;
        var isWhole = Read(_read.With(after, max), item =>
        {
            items.Add(item);
            return (left -= item.Body.Length) > 0;
        });
        return (items, isWhole && items.Count < max);
    }

    /// <inheritdoc cref="IQueueStore.GetDeadAsync"/>
    public IReadOnlyList<QueueItem> ReadDead(long after, int max)
    {
        var page = new DeadPage(max);
        Read(_readDead.With(after, max), page.TryAdd);
        return page.Items;
    }

    public long CountDead()
    {
        try
        {
            return _countDead.Next() ? _countDead.Number(0) : 0;
        }
        finally
        {
            _countDead.Reset();
        }
    }

    public void Dispose()
    {
        _read.Dispose();
        _readDead.Dispose();
        _countDead.Dispose();
    }

    /// <returns>True if all rows were read: <paramref name="onItem"/> never returned false.</returns>
    private static bool Read(Statement query, Func<QueueItem, bool> onItem)
    {
        try
        {
            while (query.Next())
            {
                if (!onItem(new QueueItem(query.Number(0), query.Bytes(2)) { Attempts = (int)query.Number(1) }))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            // A statement that is not reset keeps a read transaction open, so the journal could not be overwritten and would grow.
            query.Reset();
        }
    }
}
