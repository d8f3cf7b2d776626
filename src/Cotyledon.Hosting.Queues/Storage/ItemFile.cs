using Cotyledon.Hosting.Queues.Extensibility;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>The items of a queue in a file. Used by one thread. A write that fails changes nothing.</summary>
/// <remarks>
/// A commit with new items is synced (synchronous=FULL): the items survive the end of all processes and a power failure, if the disk keeps
/// the data that it has confirmed. A commit with outcomes only is not synced (NORMAL): it survives the end of all processes. After a power
/// failure such items may be delivered again, which at-least-once delivery allows; the file is not damaged.
/// </remarks>
internal sealed class ItemFile : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly Statement _insert;
    private readonly Statement _delete;
    private readonly Statement _return;
    private readonly Statement _markDead;
    private readonly Statement _retryDead;
    private readonly Statement _deleteDead;
    private readonly List<long> _completed = [];
    private bool? _isSynced;

    private ItemFile(SqliteConnection connection)
    {
        _connection = connection;
        _begin = new(_connection, "BEGIN IMMEDIATE");
        _commit = new(_connection, "COMMIT");
        _rollback = new(_connection, "ROLLBACK");
        _insert = new(_connection, "INSERT INTO items (id, body) VALUES (?, ?)");
        _delete = new(_connection, "DELETE FROM items WHERE id BETWEEN ? AND ?");
        _return = new(_connection, "UPDATE items SET attempts = ?2 WHERE id = ?1");
        _markDead = new(_connection, "UPDATE items SET attempts = ?2, dead = 1 WHERE id = ?1 AND dead = 0");
        _retryDead = new(_connection, "INSERT INTO items (id, body) SELECT ?2, body FROM items WHERE id = ?1 AND dead = 1");
        _deleteDead = new(_connection, "DELETE FROM items WHERE id = ? AND dead = 1");
        Reader = new(_connection);
        Count = ItemFileSchema.Ask(_connection, "SELECT count(*) FROM items") - Reader.CountDead();
        LastId = Math.Max(
            ItemFileSchema.Ask(_connection, "SELECT seq FROM sqlite_sequence"),
            ItemFileSchema.Ask(_connection, "SELECT max(id) FROM items"));
    }

    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    /// <exception cref="QueueException">The file is not a queue of a supported version.</exception>
    public static ItemFile Open(string path)
    {
        var connection = ItemFileSchema.Open(path);
        try
        {
            return new ItemFile(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public ItemReader Reader { get; }

    /// <summary>The id of the newest item. The next item gets the next id.</summary>
    public long LastId { get; private set; }

    /// <summary>The number of items that are not dead.</summary>
    public long Count { get; private set; }

    /// <summary>Writes outcomes, and then new items, whose ids begin after <see cref="LastId"/>.</summary>
    public void Write(List<Settled> settled, List<FileAppend> appends) => Commit(isSynced: appends.Count > 0, () =>
    {
        WriteOutcomes(settled);
        foreach (var append in appends)
        {
            foreach (var body in append.Bodies)
            {
                _insert.With(++LastId).AndBody(body.Span).Run();
                Count++;
            }
        }
    });

    /// <summary>Moves dead items to the end as new items: reading in the order of ids would not find them otherwise.</summary>
    public int RetryDead(IEnumerable<long> ids)
    {
        var retried = 0;
        Commit(isSynced: true, () =>
        {
            foreach (var id in ids.Order())
            {
                if (_retryDead.With(id, LastId + 1).Run() > 0)
                {
                    _delete.With(id, id).Run();
                    LastId++;
                    Count++;
                    retried++;
                }
            }
        });
        return retried;
    }

    public int DeleteDead(IEnumerable<long> ids)
    {
        var deleted = 0;
        Commit(isSynced: true, () =>
        {
            foreach (var id in ids)
            {
                deleted += _deleteDead.With(id).Run();
            }
        });
        return deleted;
    }

    public void Execute(string sql) => ItemFileSchema.Run(_connection, sql);

    public void Dispose()
    {
        IDisposable[] all = [_begin, _commit, _rollback, _insert, _delete, _return, _markDead, _retryDead, _deleteDead, Reader];
        foreach (var statement in all)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private void WriteOutcomes(List<Settled> settled)
    {
        _completed.Clear();
        foreach (var (id, outcome, attempts) in settled)
        {
            switch (outcome)
            {
                case QueueOutcome.Completed:
                    _completed.Add(id);
                    break;
                case QueueOutcome.Returned:
                    _return.With(id, attempts).Run();
                    break;
                case QueueOutcome.Dead:
                    Count -= _markDead.With(id, attempts).Run();
                    break;
            }
        }

        foreach (var (first, last) in IdRuns.Of(_completed))
        {
            Count -= _delete.With(first, last).Run();
        }
    }

    private void Commit(bool isSynced, Action write)
    {
        var (lastId, count) = (LastId, Count);
        try
        {
            if (isSynced != _isSynced)
            {
                // Prepared each time: SQLite applies this pragma when the statement is prepared, not when it runs.
                Execute(isSynced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
                _isSynced = isSynced;
            }

            _begin.Run();
            write();
            _commit.Run();
        }
        catch
        {
            (LastId, Count) = (lastId, count);

            // After some errors SQLite has already rolled the transaction back.
            if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            {
                _rollback.Run();
            }

            throw;
        }
    }
}
