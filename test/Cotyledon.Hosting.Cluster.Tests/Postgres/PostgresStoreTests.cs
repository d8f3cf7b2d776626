using Cotyledon.Hosting.Cluster.Postgres;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cotyledon.Hosting.Cluster.Tests.Postgres;

/// <summary>The store in PostgreSQL.</summary>
internal sealed class PostgresStoreTests : StoreConformance
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly List<PostgresClusterStore> _stores = [];
    private PostgresServer _server = null!;

    [OneTimeSetUp]
    public void StartServer() => _server = PostgresServer.StartNew();

    [OneTimeTearDown]
    public void StopServer() => _server?.Dispose();

    [TearDown]
    public void Disconnect()
    {
        _stores.ForEach(s => s.Dispose());
        _stores.Clear();
    }

    [Test]
    public void Several_programs_create_the_table_at_the_same_time()
    {
        Execute("DROP TABLE IF EXISTS cotyledon_cluster");
        var threads = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () => Connect().Read(["any/"], Timeout), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        Assert.That(() => Task.WhenAll(threads), Throws.Nothing);
    }

    [Test]
    public void User_without_the_right_to_create_the_table_gets_the_statement_that_creates_it()
    {
        Execute(
            "DROP TABLE IF EXISTS cotyledon_cluster",
            "DROP ROLE IF EXISTS poor",
            "CREATE ROLE poor LOGIN PASSWORD 'secret'",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        var store = Connect(_server.ConnectionString.Replace("Username=postgres", "Username=poor", StringComparison.Ordinal));
        var error = Assert.Throws<ClusterStoreException>(() => store.Read(["any/"], Timeout))!;
        Assert.That(error.Message, Does.Contain("permission denied").And.Contain("'poor'").And.Contain("CREATE TABLE IF NOT EXISTS cotyledon_cluster ("));

        // What the text says is enough, without a restart.
        Execute(PostgresProblem.TableDefinition, "GRANT SELECT, INSERT, UPDATE, DELETE ON cotyledon_cluster TO poor");
        var revision = store.TryWrite(new ClusterWrite { Key = "any/a", Value = "1", ExpectedRevision = 0 }, Timeout);
        revision = store.TryWrite(new ClusterWrite { Key = "any/a", Value = "2", ExpectedRevision = revision!.Value, IsAnnounced = true }, Timeout);
        Assert.That(store.TryWrite(new ClusterWrite { Key = "any/a", Value = null, ExpectedRevision = revision!.Value }, Timeout), Is.Not.Null);
        Execute("DROP TABLE cotyledon_cluster");
    }

    [TestCase("Password=secret", "Password=wrong", "password authentication failed", "Check the user and the password in Cotyledon:Cluster:ConnectionString")]
    [TestCase("Database=postgres", "Database=missing", "database \"missing\" does not exist", "Create the database")]
    [TestCase("Host=127.0.0.1", "Host=127.0.0.1;Options=-c default_transaction_read_only=on", "", "cannot execute|primary|read-only|No suitable host")]
    public void Error_says_what_to_do(string part, string replacement, string what, string advice)
    {
        Connect().Read(["any/"], Timeout);
        var store = Connect(_server.ConnectionString.Replace(part, replacement, StringComparison.Ordinal));
        var error = Assert.Throws<ClusterStoreException>(
            () => store.TryWrite(new ClusterWrite { Key = "any/b", Value = "1", ExpectedRevision = 0 }, Timeout))!;
        Assert.That(error.Message, Does.Contain(what).And.Match(advice).And.Not.Contain("secret"));
    }

    [Test]
    public void Lost_connection_does_not_affect_the_next_call()
    {
        var store = Connect();
        using var ending = new CancellationTokenSource();
        var thread = new Thread(() => Assert.That(() => store.Watch("any/", () => { }, ending.Token), Throws.TypeOf<ClusterStoreException>()));
        thread.Start();
        Assert.That(
            () => Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'") > 0, Is.True.After(10_000, 50));
        Assert.That(thread.Join(TimeSpan.FromSeconds(10)));
        Assert.That(() => store.Read(["any/"], Timeout), Throws.Nothing);
    }

    [TestCase("Maximum Pool Size=1")]
    [TestCase("Timeout=0")]
    [TestCase("Multiplexing=true")]
    [TestCase("Pooling=false")]
    [TestCase("Host=127.0.0.1,127.0.0.1")]
    public void Other_settings_of_a_connection_string_do_not_block_calls(string setting)
    {
        var store = Connect($"{_server.ConnectionString};{setting}");
        using var ending = new CancellationTokenSource();
        var thread = new Thread(() => store.Watch("any/", () => { }, ending.Token));
        thread.Start();
        Assert.That(() => store.Read(["any/"], Timeout), Throws.Nothing);
        ending.Cancel();
        Assert.That(thread.Join(TimeSpan.FromSeconds(10)));
    }

    [Test]
    [NonParallelizable]
    public void Calls_need_no_thread_of_the_pool()
    {
        var store = Connect();
        store.Read(["any/"], Timeout);
        ThreadPool.GetMaxThreads(out var most, out var ports);
        ThreadPool.SetMaxThreads(Environment.ProcessorCount, ports);
        var end = new ManualResetEventSlim();
        var blocked = 0;
        try
        {
            for (var i = 0; i < 4 * Environment.ProcessorCount; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(_ =>
                {
                    Interlocked.Increment(ref blocked);
                    end.Wait();
                }, null);
            }

            // The test host may occupy threads of the pool too.
            Assert.That(() => Volatile.Read(ref blocked), Is.GreaterThan(0).After(20_000, 10));
            var probe = new ManualResetEventSlim();
            ThreadPool.UnsafeQueueUserWorkItem(_ => probe.Set(), null);
            Assert.That(probe.Wait(TimeSpan.FromMilliseconds(500)), Is.False, "the pool is blocked");
            var revision = 0L;
            for (var i = 0; i < 20; i++)
            {
                revision = store.TryWrite(new ClusterWrite { Key = "pool/a", Value = $"{i}", ExpectedRevision = revision, IsAnnounced = true }, Timeout)!.Value;
                Assert.That(store.Read(["pool/"], Timeout).Single().Value, Is.EqualTo($"{i}"));
            }
        }
        finally
        {
            end.Set();
            ThreadPool.SetMaxThreads(most, ports);
        }
    }

    [Test]
    public void Server_that_does_not_answer_is_given_up_and_used_again_later()
    {
        var store = Connect();
        store.Read(["any/"], Timeout);
        _server.Pause();
        try
        {
            var error = Assert.Throws<ClusterStoreException>(() => store.Read(["any/"], TimeSpan.FromSeconds(1)))!;
            Assert.That(error.Message, Does.Contain("did not answer in time"));
        }
        finally
        {
            _server.Continue();
        }

        Assert.That(() => store.Read(["any/"], Timeout), Throws.Nothing);
    }

    [Test]
    public void Killed_server_is_used_again_after_its_restart()
    {
        var store = Connect();
        var revision = store.TryWrite(new ClusterWrite { Key = "kept/a", Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
        _server.Kill();
        Assert.That(
            Assert.Throws<ClusterStoreException>(() => store.Read(["kept/"], Timeout))!.Message,
            Does.Match("cannot be reached|terminating connection|Exception while reading|stream"));
        _server.Start();
        Assert.That(() => TryRead(store), Has.Some.EqualTo(new ClusterRecord { Key = "kept/a", Value = "1", Revision = revision }).After(30_000, 100));
        Assert.That(store.TryWrite(new ClusterWrite { Key = "kept/a", Value = null, ExpectedRevision = revision }, Timeout), Is.Not.Null);
    }

    [Test]
    public void Write_that_waits_for_the_lock_of_a_row_is_given_up_by_the_server(
        [Values("inserts", "updates", "deletes")] string kind, [Values] bool isAnnounced)
    {
        var store = Connect();
        var key = $"row/{kind}-{isAnnounced}";
        var revision = kind == "inserts" ? 0 : store.TryWrite(new ClusterWrite { Key = key, Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
        using var other = new NpgsqlConnection(_server.ConnectionString);
        other.Open();
        using var transaction = other.BeginTransaction();
        using var command = new NpgsqlCommand(
            $"INSERT INTO cotyledon_cluster VALUES ('{key}', 'x') ON CONFLICT (key) DO UPDATE SET value = 'x'", other, transaction);
        command.ExecuteNonQuery();
        var write = new ClusterWrite { Key = key, Value = kind == "deletes" ? null : "2", ExpectedRevision = revision, IsAnnounced = isAnnounced };
        var error = Assert.Throws<ClusterStoreException>(() => store.TryWrite(write, TimeSpan.FromMilliseconds(300)))!;
        Assert.That(error.Message, Does.Contain("SQLSTATE 55P03").And.Contain("locked the record"));
        transaction.Rollback();
        Assert.That(store.Read([key], Timeout).SingleOrDefault()?.Value, Is.EqualTo(kind == "inserts" ? null : "1"));
    }

    [TestCase("repeatable read")]
    [TestCase("serializable")]
    public async Task One_of_several_writes_succeeds_and_no_other_fails_whatever_the_default_isolation_is(string isolation)
    {
        var text = $"{_server.ConnectionString};Options=-c default_transaction_isolation={isolation.Replace(" ", "\\ ", StringComparison.Ordinal)}";
        var stores = Enumerable.Range(0, 4).Select(_ => Connect(text)).ToArray();
        var key = $"isolated/{isolation}";
        var revision = 0L;
        for (var round = 0; round < 50; round++)
        {
            var write = new ClusterWrite { Key = key, Value = $"{round}", ExpectedRevision = revision, IsAnnounced = true };
            var results = await Task.WhenAll(stores.Select(s => Task.Factory.StartNew(
                () => s.TryWrite(write, Timeout), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.That(results.Count(r => r is not null), Is.EqualTo(1));
            revision = results.Max()!.Value;
        }
    }

    [Test]
    public void Write_that_waits_for_the_lock_of_the_table_is_given_up_by_the_server()
    {
        var store = Connect();
        var revision = store.TryWrite(new ClusterWrite { Key = "locked/a", Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
        using var other = new NpgsqlConnection(_server.ConnectionString);
        other.Open();
        using (var transaction = other.BeginTransaction())
        {
            using var command = new NpgsqlCommand("LOCK TABLE cotyledon_cluster", other, transaction);
            command.ExecuteNonQuery();
            Assert.That(
                () => store.TryWrite(new ClusterWrite { Key = "locked/a", Value = "2", ExpectedRevision = revision }, TimeSpan.FromSeconds(1)),
                Throws.TypeOf<ClusterStoreException>());
            Assert.That(
                () => Execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), Is.Zero.After(10_000, 50), "processes that wait");
        }

        // The server did not write it later.
        Assert.That(store.Read(["locked/"], Timeout).Single().Value, Is.EqualTo("1"));
        Assert.That(store.TryWrite(new ClusterWrite { Key = "locked/a", Value = null, ExpectedRevision = revision }, Timeout), Is.Not.Null);
    }

    [TestCase(false, "1")]
    [TestCase(true, "2")]
    [TestCase(true, null)]
    public void Answered_write_survives_a_kill_of_the_server_even_with_synchronous_commit_off(bool exists, string? value)
    {
        var store = Connect();
        var revision = exists ? store.TryWrite(new ClusterWrite { Key = "disk/a", Value = "1", ExpectedRevision = 0 }, Timeout)!.Value : 0;
        Execute("ALTER SYSTEM SET synchronous_commit = off", "ALTER SYSTEM SET wal_writer_delay = '10s'", "SELECT pg_reload_conf()");
        Assert.That(() => Execute("SELECT 1 WHERE current_setting('synchronous_commit') = 'off'"), Is.EqualTo(1).After(10_000, 20));
        Connect().TryWrite(new ClusterWrite { Key = "disk/a", Value = value, ExpectedRevision = revision, IsAnnounced = exists }, Timeout);
        _server.Kill();
        _server.Start();
        Assert.That(() => Execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()"), Is.EqualTo(1).After(30_000, 100));
        var found = Connect().Read(["disk/"], Timeout).SingleOrDefault();
        Assert.That(found?.Value, Is.EqualTo(value));
        if (found is not null)
        {
            Connect().TryWrite(new ClusterWrite { Key = "disk/a", Value = null, ExpectedRevision = found.Revision }, Timeout);
        }
    }

    protected override IClusterStore Connect() => Connect(_server.ConnectionString);

    private PostgresClusterStore Connect(string connectionString)
    {
        var store = new PostgresClusterStore(
            Options.Create(new CotyledonPostgresClusterOptions { ConnectionString = connectionString }),
            Options.Create(new CotyledonOptions { Cluster = { LeaseDuration = TimeSpan.FromSeconds(25) } }));
        _stores.Add(store);
        return store;
    }

    private static IReadOnlyList<ClusterRecord> TryRead(IClusterStore store)
    {
        try
        {
            return store.Read(["kept/"], Timeout);
        }
        catch (ClusterStoreException)
        {
            return [];
        }
    }

    private int Execute(params string[] statements)
    {
        var rows = 0;
        using var connection = new NpgsqlConnection(_server.ConnectionString);
        connection.Open();
        foreach (var statement in statements)
        {
            using var command = new NpgsqlCommand(statement, connection);
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                rows++;
            }
        }

        return rows;
    }
}
