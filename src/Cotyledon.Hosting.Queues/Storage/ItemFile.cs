using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>The items of a queue in a file. For one thread. What fails has changed nothing.</summary>
/// <remarks>
/// A commit with new items is synced (synchronous=FULL): they survive the end of all processes and a power failure, as far as the
/// disk keeps what it has confirmed. A commit that only tells what became of items is not (NORMAL): it survives the end of all
/// processes; what a power failure takes back is delivered again, which may happen to any item, and the file stays whole.
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
    private readonly Statement _bury;
    private readonly Statement _revive;
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
        _bury = new(_connection, "UPDATE items SET attempts = ?2, dead = 1 WHERE id = ?1 AND dead = 0");
        _revive = new(_connection, "INSERT INTO items (id, body) SELECT ?2, body FROM items WHERE id = ?1 AND dead = 1");
        Reader = new(_connection);
        Count = ItemFileSchema.Ask(_connection, "SELECT count(*) FROM items") - Reader.CountDead();
        LastId = Math.Max(
            ItemFileSchema.Ask(_connection, "SELECT seq FROM sqlite_sequence"),
            ItemFileSchema.Ask(_connection, "SELECT max(id) FROM items"));
    }

    /// <exception cref="SqliteException">It cannot be opened.</exception>
    /// <exception cref="QueueException">It is not for this program.</exception>
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

    /// <summary>The id of the newest item; the next one has the next.</summary>
    public long LastId { get; private set; }

    /// <summary>Items that are not dead.</summary>
    public long Count { get; private set; }

    /// <summary>Writes what became of items, and then new ones, whose ids begin after <see cref="LastId"/>.</summary>
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

    /// <summary>Dead items become new ones at the end, so that reading on finds them.</summary>
    public int Revive(IEnumerable<long> ids)
    {
        var revived = 0;
        Commit(isSynced: true, () =>
        {
            foreach (var id in ids.Order())
            {
                if (_revive.With(id, LastId + 1).Run() > 0)
                {
                    _delete.With(id, id).Run();
                    LastId++;
                    Count++;
                    revived++;
                }
            }
        });
        return revived;
    }

    public void Execute(string sql) => ItemFileSchema.Run(_connection, sql);

    public void Dispose()
    {
        IDisposable[] all = [_begin, _commit, _rollback, _insert, _delete, _return, _bury, _revive, Reader];
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
                    Count -= _bury.With(id, attempts).Run();
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
                // Prepared anew each time: a pragma of this kind works while it is prepared.
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

            // After some errors SQLite has done so itself.
            if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            {
                _rollback.Run();
            }

            throw;
        }
    }
}
