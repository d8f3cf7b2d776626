using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Telemetry.Samples;

/// <summary>Stores samples in SQLite, aggregated by meter and minute. Several processes use the file at the same time.</summary>
/// <remarks>
/// The queue delivers at least once, so the id of each sample is stored with the aggregates, in the same transaction. If a sample is
/// delivered again, its id is found and the sample is not counted again.
/// <para>
/// Ids cannot be deleted after a fixed time: an item can wait in the queue for days, while <c>processing</c> is paused or the program
/// is stopped. But samples that are older than the retention are not stored, so older ids are not needed. They are deleted one hour
/// later than the samples, because the clock may be set back and because a transaction may wait after it has read the clock.
/// </para>
/// </remarks>
internal sealed class SampleStore(IOptionsMonitor<TelemetryOptions> options, IHostEnvironment environment, TimeProvider clock)
{
    /// <summary>The time, in seconds, for which a command is retried while another process writes.</summary>
    private const int BusyTimeout = 20;

    private const int SecondsPerMinute = 60;

    private static readonly TimeSpan IdsOutlive = TimeSpan.FromHours(1);

    /// <summary>Creates the tables. Writes nothing if they exist. Minutes are Unix times in seconds.</summary>
    /// <remarks>
    /// With a busy timeout, SQLite retries often at first. After it, the provider retries every 150 ms, up to <see cref="BusyTimeout"/>.
    /// </remarks>
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

    /// <summary>Stores all samples in one transaction, except those that are stored already or are too old.</summary>
    /// <returns>The number of new samples.</returns>
    /// <exception cref="SqliteException">No sample was stored.</exception>
    public int Add(IEnumerable<Sample> samples)
    {
        using var connection = Open();
        // BEGIN IMMEDIATE: takes the write lock at once. A transaction that reads first may be refused the lock without a wait.
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

    /// <summary>Deletes data that is older than the retention.</summary>
    /// <returns>The number of deleted aggregates and ids.</returns>
    /// <exception cref="SqliteException">Nothing was deleted.</exception>
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

    /// <exception cref="SqliteException">The database cannot be read.</exception>
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
