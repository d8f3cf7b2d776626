using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Opens the file of a queue, creates its table in a new file, and checks that it is a queue of a supported version.</summary>
internal static class ItemFileSchema
{
    private const long Version = 1;

    /// <summary>The check reads the whole file. Up to this size it delays the start by less than a second, even on a slow disk.</summary>
    private const long LargestChecked = 64 * 1024 * 1024;

    private const long LargestJournal = 16 * 1024 * 1024;

    // AUTOINCREMENT: ids are never reused, not even after a restart with an empty queue, because programs log them. The body is the last
    // column, so that counting and marking do not read large bodies.
    private const string Tables =
        """
        CREATE TABLE items (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            attempts INTEGER NOT NULL DEFAULT 0,
            dead INTEGER NOT NULL DEFAULT 0,
            body BLOB NOT NULL)
        """;

    private const string DeadIndex = "CREATE INDEX dead_items ON items (id) WHERE dead = 1";

    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    /// <exception cref="QueueException">The file is not a queue of a supported version.</exception>
    public static SqliteConnection Open(string path)
    {
        // Explicitly: SqliteConnection would call it by reflection, which trimming does not see.
        Batteries_V2.Init();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Prepare(connection, path);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static long Ask(SqliteConnection connection, string sql)
    {
        using var statement = new Statement(connection, sql);
        var answer = statement.Next() ? statement.Number(0) : 0;
        statement.Reset();
        return answer;
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var statement = new Statement(connection, sql);
        statement.Run();
    }

    private static void Prepare(SqliteConnection connection, string path)
    {
        // The first access takes a lock. It is held until the file is closed or the process ends, even by a crash.
        Run(connection, "PRAGMA locking_mode = EXCLUSIVE");
        var version = Ask(connection, "PRAGMA user_version");
        if (version > Version)
        {
            throw new QueueException(
                $"{path} was written by a newer version of Cotyledon.Hosting.Queues (format {version}; this version reads up to "
                + $"{Version}). Use that version, or set Path to another file.");
        }

        var isQueue = Ask(connection, "SELECT count(*) FROM sqlite_schema WHERE name IN ('items', 'dead_items')") == 2;
        if (version == 0 ? Ask(connection, "SELECT count(*) FROM sqlite_schema") > 0 : !isQueue)
        {
            // Before the first change of the file.
            throw new QueueException($"{path} is an SQLite database, but not a queue. Set Path to another file.");
        }

        Run(connection, "PRAGMA journal_mode = WAL");

        // Otherwise a single large append would leave a large journal file behind.
        Run(connection, $"PRAGMA journal_size_limit = {LargestJournal}");
        Run(connection, "BEGIN EXCLUSIVE");
        if (version == 0)
        {
            Run(connection, Tables);
            Run(connection, DeadIndex);
            Run(connection, $"PRAGMA user_version = {Version}");
        }

        Run(connection, "COMMIT");
        if (new FileInfo(path).Length <= LargestChecked)
        {
            Check(connection);
        }
    }

    private static void Check(SqliteConnection connection)
    {
        using var check = new Statement(connection, "PRAGMA quick_check(1)");
        if (check.Next() && check.Text(0) is var found and not "ok")
        {
            check.Reset();
            throw new SqliteException(found, raw.SQLITE_CORRUPT);
        }

        check.Reset();
    }
}
