using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Telemetry.Samples;

/// <summary>The samples in SQLite, by meter and minute. Several processes use the file at the same time.</summary>
/// <remarks>
/// The queue delivers at least once, so the id of each sample is kept beside the aggregates, in the same transaction: a sample that
/// comes again finds its id, and is not counted again.
/// <para>
/// For how long? The queue knows no limit: an item may wait for days, while <c>processing</c> is paused or all is stopped. But a
/// sample older than the retention is not stored at all, as it would be deleted at once. So nobody asks for an id that is older, and
/// it may go; an hour later, because the clock may be set back, and because a transaction may wait between the look at the clock
/// and its turn.
/// </para>
/// </remarks>
internal sealed class SampleStore(IOptionsMonitor<TelemetryOptions> options, IHostEnvironment environment, TimeProvider clock)
{
    /// <summary>In seconds: tried again for so long while another process writes.</summary>
    private const int BusyTimeout = 20;

    private const int SecondsPerMinute = 60;

    private static readonly TimeSpan IdsOutlive = TimeSpan.FromHours(1);

    /// <summary>Where all is as it should be, this writes nothing. Minutes are in Unix time, in seconds.</summary>
    /// <remarks>SQLite's own waiting looks often at first; that of the provider, every 150 ms, is for the rest.</remarks>
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

    /// <summary>All or none; those that are there already, or too old, are left out. Returns how many are new.</summary>
    /// <exception cref="SqliteException">None is stored.</exception>
    public int Add(IEnumerable<Sample> samples)
    {
        using var connection = Open();
        // It takes the right to write at once (BEGIN IMMEDIATE): a reader that wants to write later may be refused without a wait.
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

    /// <summary>Deletes what is older than the retention, and returns how many aggregates and ids that were.</summary>
    /// <exception cref="SqliteException">Nothing is deleted.</exception>
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

    /// <exception cref="SqliteException">It cannot be read.</exception>
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

    /// <summary>A connection from the provider's pool.</summary>
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
