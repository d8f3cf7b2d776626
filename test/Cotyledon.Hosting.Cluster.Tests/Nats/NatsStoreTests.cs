using Cotyledon.Hosting.Cluster.Nats;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.ProcessTests.Cluster;
using Cotyledon.Hosting.Queues.Nats.Tests;
using Microsoft.Extensions.Options;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Cotyledon.Hosting.Cluster.Tests.Nats;

/// <summary>The store in NATS JetStream.</summary>
internal sealed class NatsStoreTests : StoreConformance
{
    /// <summary>The lease in seconds. It is long, so that a busy test machine does not cause dropped connections.</summary>
    private const int LongLease = 150;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly List<NatsClusterStore> _stores = [];
    private NatsServer _server = null!;

    [OneTimeSetUp]
    public async Task StartServer() => _server = await NatsServer.StartNewAsync();

    [OneTimeTearDown]
    public async Task StopServer()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [TearDown]
    public void Disconnect()
    {
        _stores.ForEach(s => s.Dispose());
        _stores.Clear();
    }

    [Test]
    public async Task Record_whose_deletion_was_not_purged_can_be_created_again()
    {
        var store = Connect();
        var revision = store.TryWrite(new ClusterWrite { Key = "unpurged/a", Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
        await using var client = new NatsConnection(new NatsOpts { Url = _server.Url });
        await new NatsJSContext(client).PublishAsync(
            NatsSubjects.Of("unpurged/a"), "", opts: new NatsJSPubOpts { ExpectedLastSubjectSequence = (ulong)revision });
        Assert.That(store.Read(["unpurged/"], Timeout), Is.Empty);
        var created = store.TryWrite(new ClusterWrite { Key = "unpurged/a", Value = "2", ExpectedRevision = 0 }, Timeout);
        Assert.That(created, Is.GreaterThan(revision + 1));
        Assert.That(store.Read(["unpurged/"], Timeout).Single().Value, Is.EqualTo("2"));
    }

    [Test]
    public async Task Rights_of_the_README_are_enough()
    {
        var block = Repository.Read("src/Cotyledon.Hosting.Cluster.Nats/README.md").Split("publish:")[1].Split("```")[0].Split("subscribe:");
        var (publish, subscribe) = (Words(block[0]), Words(block[1]));
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $$"""
                authorization { user: app, password: secret, permissions: { publish: {{List(publish)}}, subscribe: {{List(subscribe)}} } }
                """);
            await using var server = NatsServer.Create(hasJetStream: true, "-c", file);
            await server.StartAsync();
            var url = server.Url.Replace("nats://", "nats://app:secret@", StringComparison.Ordinal);
            var (store, other) = (Connected(url), Connected(url));
            var revision = store.TryWrite(new ClusterWrite { Key = "rights/a", Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
            using var ending = new CancellationTokenSource();
            using var noticed = new ManualResetEventSlim();
            var watch = Task.Factory.StartNew(
                () => other.Watch("rights/", noticed.Set, ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Assert.That(
                () =>
                {
                    revision = store.TryWrite(
                        new ClusterWrite { Key = "rights/a", Value = "2", ExpectedRevision = revision, IsAnnounced = true }, Timeout)!.Value;
                    return noticed.Wait(100);
                },
                Is.True.After(10_000, 1));
            ending.Cancel();
            await watch;
            Assert.That(store.TryWrite(new ClusterWrite { Key = "rights/a", Value = null, ExpectedRevision = revision }, Timeout), Is.Not.Null);
            Assert.That(store.Read(["rights/"], Timeout), Is.Empty);
            Assert.That(store.TryWrite(new ClusterWrite { Key = "rights/a", Value = "3", ExpectedRevision = 0 }, Timeout), Is.Not.Null);
        }
        finally
        {
            File.Delete(file);
        }

        static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

        static string List(string[] subjects) => $"[{string.Join(", ", subjects.Select(s => $"\"{s}\""))}]";
    }

    [Test]
    public async Task Killed_server_is_used_again_after_its_restart()
    {
        await using var server = await NatsServer.StartNewAsync();
        var store = Connected(server.Url);
        var revision = store.TryWrite(new ClusterWrite { Key = "kept/a", Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
        server.Kill();
        Assert.That(() => store.Read(["kept/"], TimeSpan.FromSeconds(1)), Throws.TypeOf<ClusterStoreException>());
        await server.StartAsync();
        Assert.That(
            () => TryRead(store), Has.Some.EqualTo(new ClusterRecord { Key = "kept/a", Value = "1", Revision = revision }).After(30_000, 100));
    }

    [Test]
    [Category("Long")]
    public void Server_that_vanishes_without_closing_the_connection_is_replaced_by_another_one()
    {
        using Relay first = new(_server.Port), second = new(_server.Port);
        second.Cut();
        var store = Connected($"nats://127.0.0.1:{first.Port},nats://127.0.0.1:{second.Port}", leaseSeconds: 15);
        var revision = store.TryWrite(new ClusterWrite { Key = "kept/a", Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
        second.Heal();
        first.Cut();
        Assert.That(
            () => TryRead(store), Has.Some.EqualTo(new ClusterRecord { Key = "kept/a", Value = "1", Revision = revision }).After(30_000, 100));
        Assert.That(
            store.TryWrite(new ClusterWrite { Key = "kept/a", Value = null, ExpectedRevision = revision }, Timeout), Is.Not.Null);
    }

    [Test]
    public async Task Server_without_JetStream_is_an_error_that_says_how_to_enable_it()
    {
        await using var server = NatsServer.Create(hasJetStream: false);
        await server.StartAsync();
        var store = Connect(server.Url);
        Assert.That(() => ErrorOf(store), Does.Contain("nats-server -js").After(30_000, 10));
    }

    [Test]
    public async Task Refused_login_is_an_error_without_the_password()
    {
        await using var server = NatsServer.Create(hasJetStream: true, "--user", "app", "--pass", "right");
        await server.StartAsync();
        var store = Connect(server.Url.Replace("nats://", "nats://app:wrong@", StringComparison.Ordinal));
        var error = Assert.Throws<ClusterStoreException>(() => store.Read(["any/"], Timeout))!;
        Assert.That(error.Message, Does.Not.Contain("wrong"));
        Assert.That(store.Description, Does.Not.Contain("wrong"));
    }

    [Test]
    public void Missing_server_is_an_error_in_time() => Assert.That(
        () => Connect("nats://app:secret@127.0.0.1:1").Read(["any/"], TimeSpan.FromSeconds(1)),
        Throws.TypeOf<ClusterStoreException>().With.Message.Not.Contain("secret"));

    [Test]
    public async Task Replicated_stream_of_an_old_server_is_refused()
    {
        var servers = await NatsServer.StartClusterAsync();
        try
        {
            await using var client = new NatsConnection(new NatsOpts { Url = servers[0].Url });
            await client.ConnectAsync();
            if (Version.Parse(client.ServerInfo!.Version.Split('-')[0]) >= new Version(2, 10))
            {
                Assert.Ignore("nats-server is 2.10 or later, whose replicated streams are safe; this test needs an older one.");
            }

            var context = new NatsJSContext(client);
            await Eventually.Is(() => TryCreateAsync(context), "a stream with three replicas");
            var refused = Connect(servers[0].Url);
            Assert.That(
                () => ErrorOf(refused),
                Does.Contain("has 3 replicas, but nats-server 2.").And.Contain("Upgrade the servers to 2.10 or later").After(30_000, 10));

            await context.DeleteStreamAsync(NatsSubjects.Stream);
            var store = Connected(servers[0].Url);
            Assert.That(
                () => store.TryWrite(new ClusterWrite { Key = "any/a", Value = "1", ExpectedRevision = 0 }, Timeout), Is.Not.Null, "a stream of its own");
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    [TestCase("orders/pulse/abc-1_2", "cotyledon.cluster.orders.pulse.abc-1_2")]
    [TestCase("a.b/ü *>/", "cotyledon.cluster.a=2eb.=c3=bc=20=2a=3e.=")]
    public void Key_becomes_a_subject_and_back(string key, string subject)
    {
        Assert.That(NatsSubjects.Of(key), Is.EqualTo(subject));
        Assert.That(NatsSubjects.KeyOf(subject), Is.EqualTo(key));
    }

    [TestCase(10071, true, Description = "wrong last sequence: 7")]
    [TestCase(10164, true, Description = "wrong last sequence, while another write of the subject is being replicated")]
    [TestCase(10077, false, Description = "the store of the stream has failed")]
    public void Refusal_because_of_another_write_is_a_conflict(int errorCode, bool isConflict) =>
        Assert.That(NatsClusterStore.IsConflict(errorCode), Is.EqualTo(isConflict));

    protected override IClusterStore Connect() => Connected(_server.Url);

    private static async Task<bool> TryCreateAsync(NatsJSContext context)
    {
        try
        {
            await context.CreateStreamAsync(new StreamConfig(NatsSubjects.Stream, [NatsSubjects.All]) { NumReplicas = 3, MaxMsgsPerSubject = 1 });
            return true;
        }
        catch (NatsException)
        {
            return false; // The cluster is just starting.
        }
    }

    /// <summary>Returns a store that has connected. One that does not connect within a second gives up, until the next call.</summary>
    private NatsClusterStore Connected(string url, int leaseSeconds = LongLease)
    {
        var store = Connect(url, leaseSeconds);
        Assert.That(() => ErrorOf(store), Is.Empty.After(30_000, 10));
        return store;
    }

    private NatsClusterStore Connect(string url, int leaseSeconds = LongLease)
    {
        var store = new NatsClusterStore(
            Options.Create(new CotyledonNatsClusterOptions { Url = url }),
            Options.Create(new CotyledonOptions { Cluster = { LeaseDuration = TimeSpan.FromSeconds(leaseSeconds) } }));
        _stores.Add(store);
        return store;
    }

    /// <summary>Returns the error of a call; empty if there is none.</summary>
    private static string ErrorOf(NatsClusterStore store)
    {
        try
        {
            store.Read(["any/"], Timeout);
            return "";
        }
        catch (ClusterStoreException e)
        {
            return e.Message;
        }
    }

    private static IReadOnlyList<ClusterRecord> TryRead(NatsClusterStore store)
    {
        try
        {
            return store.Read(["kept/"], TimeSpan.FromSeconds(5));
        }
        catch (ClusterStoreException)
        {
            return [];
        }
    }
}
