using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Opens the file of a queue, and makes sure that it is one.</summary>
internal static class ItemFileSchema
{
    private const long Version = 1;

    /// <summary>A check reads the whole file: up to here that delays the start by less than a second, on a slow disk too.</summary>
    private const long LargestChecked = 64 * 1024 * 1024;

    private const long LargestJournal = 16 * 1024 * 1024;

    private const string Tables =
        """
        CREATE TABLE items (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            attempts INTEGER NOT NULL DEFAULT 0,
            dead INTEGER NOT NULL DEFAULT 0,
            body BLOB NOT NULL)
        """;

    // Ids are not used again, also after a restart with an empty queue: they stand in the logs of programs. The body comes last,
    // so that counting and marking do not read through large ones.
    private const string DeadOnes = "CREATE INDEX dead_items ON items (id) WHERE dead = 1";

    /// <exception cref="SqliteException">It cannot be opened.</exception>
    /// <exception cref="QueueException">It is not for this program.</exception>
    public static SqliteConnection Open(string path)
    {
        // Before the connection looks for it by reflection, which trimming may not see.
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
        // The lock that the first look takes stays until the file is closed or the process is gone, however it goes.
        Run(connection, "PRAGMA locking_mode = EXCLUSIVE");
        var version = Ask(connection, "PRAGMA user_version");
        if (version > Version)
        {
            throw new QueueException(
                $"{path} was written by a newer version of this program (its format is {version}, known is {Version}). "
                + "Use that version, or set Path to another file.");
        }

        if (version == 0 && Ask(connection, "SELECT count(*) FROM sqlite_schema") > 0)
        {
            throw new QueueException($"{path} is a database of something else. Set Path to another file.");
        }

        Run(connection, "PRAGMA journal_mode = WAL");

        // A single large addition leaves no large journal behind.
        Run(connection, $"PRAGMA journal_size_limit = {LargestJournal}");
        Run(connection, "BEGIN EXCLUSIVE");
        if (version == 0)
        {
            Run(connection, Tables);
            Run(connection, DeadOnes);
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
