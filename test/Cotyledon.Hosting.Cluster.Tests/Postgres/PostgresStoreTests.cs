using Cotyledon.Hosting.Cluster.Postgres;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cotyledon.Hosting.Cluster.Tests.Postgres;

/// <summary>The store in PostgreSQL.</summary>
internal sealed partial class PostgresStoreTests : StoreConformance
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

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
        var watch = WatchAsync(store, ending.Token);
        Assert.That(
            () => Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'") > 0, Is.True.After(10_000, 50));
        Assert.That(async () => await watch.WaitAsync(Timeout), Throws.TypeOf<ClusterStoreException>());
        Assert.That(() => store.Read(["any/"], Timeout), Throws.Nothing);
    }

    [TestCase("Maximum Pool Size=1")]
    [TestCase("Timeout=0")]
    [TestCase("Multiplexing=true")]
    [TestCase("Pooling=false")]
    [TestCase("Connection Idle Lifetime=0")]
    [TestCase("Connection Idle Lifetime=2147483647")]
    [TestCase("Host=127.0.0.1,127.0.0.1")]
    public async Task Other_settings_of_a_connection_string_do_not_block_calls(string setting)
    {
        var store = Connect($"{_server.ConnectionString};{setting}");
        using var ending = new CancellationTokenSource();
        var watch = WatchAsync(store, ending.Token);
        Assert.That(() => store.Read(["any/"], Timeout), Throws.Nothing);
        await ending.CancelAsync();
        await watch.WaitAsync(Timeout);
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
                revision = Renew(store, new ClusterWrite { Key = "pool/a", Value = $"{i}", ExpectedRevision = revision })!.Value;
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
    [Category("Long")]
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

    protected override IClusterStore Connect() => Connect(_server.ConnectionString);

    private PostgresClusterStore Connect(string connectionString)
    {
        var store = new PostgresClusterStore(
            Options.Create(new CotyledonPostgresClusterOptions { ConnectionString = connectionString }),
            Options.Create(new CotyledonOptions { Cluster = { LeaseDuration = TimeSpan.FromSeconds(150) } }));
        lock (_stores)
        {
            _stores.Add(store);
        }

        return store;
    }

    private static long? Renew(IClusterStore store, ClusterWrite write) =>
        store.TryWriteAndRead(write, [write.Key.Split('/')[0] + "/"], Timeout).Revision;

    private static Task WatchAsync(IClusterStore store, CancellationToken end) => Task.Factory.StartNew(
        () => store.Watch("any/", () => { }, end), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

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
