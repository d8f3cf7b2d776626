using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The example Telemetry: each sample that polling has enqueued is in the database once, although processes are killed.</summary>
public partial class TelemetryTests
{
    private const int Pollers = 3;
    private const int Meters = 7;

    [TestCase("File")]
    [TestCase("Memory")]
    [Category("Long"), Category("Guarantee 11")]
    public async Task Every_sample_is_stored_once_while_polling_and_processing_are_killed(string provider)
    {
        const int kills = 20;
        await using var app = await StartAsync(Text(provider: provider));
        var random = new Random(6);
        for (var kill = 0; kill < kills; kill++)
        {
            // Every other kill comes while processing holds samples and waits for the write lock.
            using var turn = kill % 2 == 0 ? null : TakeTurn(app.Directory);
            await MoreIsEnqueuedAsync(app);
            await KillOneAsync(app, random);
        }

        await DrainAsync(app, Text(polling: 0, provider: provider));
        await app.StopAsync();
        AssertThatAllIsStoredOnce([app], kills);
    }

    [Test]
    [Category("Long"), Category("Guarantee 11")]
    public async Task Every_sample_is_stored_once_although_the_master_is_killed_and_started_again()
    {
        await using var first = await StartAsync(Text());
        await KillMasterAsync(first, first.Directory);
        await using var second = await StartAsync(Text(), first.Directory);
        await KillMasterAsync(second, first.Directory);
        await using var third = await StartAsync(Text(), first.Directory);
        await MoreIsEnqueuedAsync(third);

        await first.UntilGoneAsync(TestProgram.Limit);
        await second.UntilGoneAsync(TestProgram.Limit);
        await DrainAsync(third, Text(polling: 0), first.Directory);
        await third.StopAsync();
        AssertThatAllIsStoredOnce([first, second, third], kills: 2);
    }

    [Test]
    public async Task Sample_delivered_twice_is_counted_once()
    {
        await using var app = await StartAsync(Text(queue: """, "LeaseTimeout": "00:00:01" """));
        using (TakeTurn(app.Directory))
        {
            // The workers that hold the samples wait for the write lock and will store them, although the queue redelivers them.
            var before = Backlogs(app).Count;
            await app.UntilAsync(
                () => Backlogs(app).Skip(before).Any(b => Regex.IsMatch(b, "^[1-9].*, 0 taken")), "leases that are over");
        }

        await DrainAsync(app, Text(polling: 0));
        await app.StopAsync();
        AssertThatAllIsStoredOnce([app], kills: 0);
    }

    [Test]
    public async Task Samples_wait_for_a_database_that_cannot_be_opened()
    {
        const string database = "later/telemetry.db";
        await using var app = await StartAsync(Text(database));
        await app.UntilAsync(() => app.Output.Contains("samples are not stored", StringComparison.Ordinal), "the warning");
        await MoreIsEnqueuedAsync(app);
        Directory.CreateDirectory(Path.Combine(app.Directory, "later"));

        await DrainAsync(app, Text(database, polling: 0));
        await app.StopAsync();
        AssertThatAllIsStoredOnce([app], kills: 0, database);
    }

    [Test]
    public async Task Janitor_deletes_aggregates_after_the_retention_and_ids_one_hour_later()
    {
        await using var app = await StartAsync(Text());
        await app.UntilAsync(() => app.Output.Contains("Database: ", StringComparison.Ordinal), "the tables");
        using var connection = Open(app.Directory, "telemetry.db");
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        const int hour = 3600;
        Run(connection, "INSERT INTO seen VALUES ($minute, x'01')", now - (7 * 24 * hour) - hour - 120);
        Run(connection, "INSERT INTO seen VALUES ($minute, x'02')", now - (7 * 24 * hour) - 120);
        Run(connection, "INSERT INTO aggregates VALUES ('old', '', $minute, 1, 1, 1, 1)", now - (7 * 24 * hour) - 120);
        Run(connection, "INSERT INTO aggregates VALUES ('not so old', '', $minute, 1, 1, 1, 1)", now - (7 * 24 * hour) + 120);

        await app.UntilAsync(
            () => Column(connection, "SELECT hex(id) FROM seen WHERE length(id) = 1", row => row.GetString(0)) is ["02"]
                && Column(connection, "SELECT meter FROM aggregates WHERE unit = ''", row => row.GetString(0)) is ["not so old"],
            "only the expired rows to be deleted");
        await app.StopAsync();
    }

    private static string Text(
        string database = "telemetry.db", int polling = Pollers, string provider = "File", string queue = "") => $$"""
        {
          "Cotyledon": {
            "Services": {
              "polling": { "Workers": {{polling}}, "RestartBackoff": "00:00:00.01", "MaxRestartBackoff": "00:00:00.05" },
              "processing": { "Workers": 3, "RestartBackoff": "00:00:00.01", "MaxRestartBackoff": "00:00:00.05" }
            },
            "Queues": { "samples": { "Provider": "{{provider}}", "MaxAttempts": null {{queue}} } }
          },
          "Telemetry": {
            "Interval": "00:00:00.1", "ReportInterval": "00:00:00.1", "CleanInterval": "00:00:00.1", "Database": "{{database}}"
          },
          "Serilog": { "MinimumLevel": { "Override": { "Telemetry.PollingService": "Debug" } } }
        }
        """;

    private static async Task<TestProgram> StartAsync(string settings, string? directory = null)
    {
        var app = TelemetryProgram.Start(start =>
        {
            start.WorkingDirectory = directory ?? start.WorkingDirectory;
            new Settings(start.WorkingDirectory).Write(settings);
        });
        await app.UntilAsync(() => app.Output.Contains("All workers are ready.", StringComparison.Ordinal), "all workers ready");
        return app;
    }

    private static async Task MoreIsEnqueuedAsync(TestProgram app)
    {
        var before = Enqueued(app).Count;
        await app.UntilAsync(() => Enqueued(app).Count > before, "more samples");
    }

    private static async Task KillOneAsync(TestProgram app, Random random)
    {
        // At any point of their work, which repeats every 100 ms.
        await Task.Delay(random.Next(100));
        IReadOnlyList<int> workers = [];
        await app.UntilAsync(() => (workers = [.. TelemetryProgram.Workers(app, "polling"), .. TelemetryProgram.Workers(app, "processing")]).Count > 0, "workers");
        Linux.Send(workers[random.Next(workers.Count)], Linux.Kill);
    }

    /// <summary>Kills the master while processing waits for the write lock: samples stored later are redelivered.</summary>
    private static async Task KillMasterAsync(TestProgram app, string directory)
    {
        using var turn = TakeTurn(directory);
        await MoreIsEnqueuedAsync(app);
        await MoreIsEnqueuedAsync(app);
        app.Signal(Linux.Kill);
        await app.WaitForExitAsync();
    }

    /// <summary>Stops polling and waits until a later report shows an empty queue.</summary>
    private static async Task DrainAsync(TestProgram app, string settings, string? directory = null)
    {
        new Settings(directory ?? app.Directory).Replace(settings);
        await app.UntilAsync(() => TelemetryProgram.Workers(app, "polling").Count == 0, "polling paused");
        var before = Backlogs(app).Count;
        await app.UntilAsync(() => Backlogs(app).Skip(before + 1).Contains("0 waiting, 0 taken"), "an empty queue");
    }

    private static void AssertThatAllIsStoredOnce(TestProgram[] apps, int kills, string database = "telemetry.db")
    {
        List<Guid> enqueued = [.. apps.SelectMany(Enqueued)];
        using var connection = Open(apps[0].Directory, database);
        var stored = Column(connection, "SELECT id FROM seen", row => new Guid(row.GetFieldValue<byte[]>(0), bigEndian: true));
        var counted = Column(connection, "SELECT count FROM aggregates", row => row.GetInt64(0)).Sum();
        TestContext.Out.WriteLine(
            $"{enqueued.Count} samples are known to be enqueued, {stored.Count} stored; {Redelivered(apps[^1])} redelivered.");
        Assert.Multiple(() =>
        {
            Assert.That(enqueued, Is.Unique);
            Assert.That(enqueued.Except(stored), Is.Empty, "lost");
            Assert.That(stored, Is.Unique);
            Assert.That(counted, Is.EqualTo(stored.Count), "each sample is in one aggregate, once");
            Assert.That(stored.Except(enqueued).Count(), Is.AtMost((kills + 1) * Meters), "enqueued before a kill, but not logged");
        });
    }

    /// <summary>The samples that polling has logged, which it does after the queue has accepted them.</summary>
    private static IReadOnlyList<Guid> Enqueued(TestProgram app) =>
        [.. EnqueuedLine().Matches(app.Output).SelectMany(m => m.Groups[1].Value.Split(' ')).Select(Guid.Parse)];

    private static List<string> Backlogs(TestProgram app) => [.. BacklogInLine().Matches(app.Output).Select(m => m.Groups[1].Value)];

    private static int Redelivered(TestProgram app) => BacklogInLine().Matches(app.Output)
        .Select(m => int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture))
        .LastOrDefault();

    private static SqliteConnection Open(string directory, string database)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(directory, database)};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Holds the write lock of the database until it is disposed.</summary>
    private static SqliteConnection TakeTurn(string directory)
    {
        var connection = Open(directory, "telemetry.db");
        connection.BeginTransaction();
        return connection;
    }

    private static void Run(SqliteConnection connection, string sql, long minute)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // As above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$minute", minute);
        command.ExecuteNonQuery();
    }

    private static List<T> Column<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts stand above.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var values = new List<T>();
        while (reader.Read())
        {
            values.Add(read(reader));
        }

        return values;
    }

    [GeneratedRegex(@"Enqueued ([0-9a-f -]+?)\r?$", RegexOptions.Multiline)]
    private static partial Regex EnqueuedLine();

    [GeneratedRegex(@"Queue: (\d+ waiting, \d+ taken), .* (\d+) redelivered")]
    private static partial Regex BacklogInLine();
}
