using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Telemetry.Samples;

/// <summary>Stores samples in SQLite, by meter and minute. Several processes use the file at the same time.</summary>
/// <remarks>
/// The queue delivers at least once. So the id of each sample is stored in the same transaction as its aggregate, and a sample whose id
/// is stored already is not counted again.
/// <para>
/// An item can wait in the queue for days, while <c>processing</c> has no workers or the program is stopped. But a sample that is older
/// than the retention is not stored, because it would be deleted at once. So older ids are not needed. They are deleted an hour later,
/// because the clock can be set back, and because a transaction can wait between the reading of the clock and its start.
/// </para>
/// </remarks>
internal sealed class SampleStore(IOptionsMonitor<TelemetryOptions> options, IHostEnvironment environment, TimeProvider clock)
{
    /// <summary>How long a command is repeated while another process writes, in seconds.</summary>
    private const int BusyTimeout = 20;

    private const int SecondsPerMinute = 60;

    private static readonly TimeSpan IdsOutlive = TimeSpan.FromHours(1);

    /// <summary>Creates the tables. Writes nothing if they exist. Minutes are in Unix time, in seconds.</summary>
    /// <remarks>SQLite itself waits up to five seconds, with short delays at first. Then the provider tries again every 150 ms.</remarks>
    private const string Setup = """
        PRAGMA busy_timeout = 5000;
        PRAGMA journal_mode = WAL;
        CREATE TABLE IF NOT EXISTS aggregates (
            meter TEXT, unit TEXT, minute INTEGER, count INTEGER NOT NULL, min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL,
            PRIMARY KEY (minute, meter, unit)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS seen (minute INTEGER, id BLOB, PRIMARY KEY (minute, id)) WITHOUT ROWID;
        """;

    private const string See = "INSERT INTO seen (minute, id) VALUES ($minute, $id) ON CONFLICT DO NOTHING";

    private const string Aggregate = """
        INSERT INTO aggregates (meter, unit, minute, count, min, max, sum) VALUES ($meter, $unit, $minute, 1, $value, $value, $value)
        ON CONFLICT DO UPDATE SET
            count = count + 1, min = min(min, excluded.min), max = max(max, excluded.max), sum = sum + excluded.sum
        """;

    /// <summary>Stores all samples or none. Skips samples that are stored already or too old. Returns the number of new samples.</summary>
    /// <exception cref="SqliteException">The samples could not be stored, and none was stored.</exception>
    public int Add(IEnumerable<Sample> samples)
    {
        using var connection = Open();
        // BEGIN IMMEDIATE takes the write lock at once: a transaction that begins with a read can be refused later, without a wait.
        using var transaction = connection.BeginTransaction();
        var oldest = clock.GetUtcNow() - options.CurrentValue.Retention;
        var added = 0;
        foreach (var sample in samples.Where(s => s.Time >= oldest))
        {
            var minute = MinuteOf(sample.Time);
            if (Run(connection, See, ("$minute", minute), ("$id", sample.Id.ToByteArray(bigEndian: true))) > 0)
            {
                added += Run(
                    connection,
                    Aggregate,
                    ("$meter", sample.Meter),
                    ("$unit", sample.Unit),
                    ("$minute", minute),
                    ("$value", sample.Value));
            }
        }

        transaction.Commit();
        return added;
    }

    /// <summary>Deletes data that is older than the retention. Returns the numbers of deleted aggregates and ids.</summary>
    /// <exception cref="SqliteException">The data could not be deleted, and nothing was deleted.</exception>
    public (int Aggregates, int Ids) DeleteOld()
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        var oldest = clock.GetUtcNow() - options.CurrentValue.Retention;
        var aggregates = Run(connection, "DELETE FROM aggregates WHERE minute < $minute", ("$minute", MinuteOf(oldest)));
        var ids = Run(connection, "DELETE FROM seen WHERE minute < $minute", ("$minute", MinuteOf(oldest - IdsOutlive)));
        transaction.Commit();
        return (aggregates, ids);
    }

    /// <exception cref="SqliteException">The database could not be read.</exception>
    public SampleCounts Count()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(sum(count), 0), count(*) FROM aggregates";
        using var reader = command.ExecuteReader();
        reader.Read();
        return new SampleCounts(reader.GetInt64(0), reader.GetInt64(1));
    }

    private static long MinuteOf(DateTimeOffset time)
    {
        var seconds = time.ToUnixTimeSeconds();
        return seconds - (seconds % SecondsPerMinute);
    }

    private static int Run(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }

    /// <summary>Opens a connection from the pool of the provider.</summary>
    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(environment.ContentRootPath, options.CurrentValue.Database),
            DefaultTimeout = BusyTimeout,
        }.ToString());
        try
        {
            connection.Open();
            Run(connection, Setup);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
