using System.Diagnostics;
using Cotyledon.Hosting.Cluster.Tests.Postgres;
using Cotyledon.Hosting.Queues.Nats.Tests;

namespace Cotyledon.Hosting.ProcessTests.Cluster;

/// <summary>
/// Two programs that stand for two machines, with one worker in the whole cluster, and PostgreSQL. Each worker locks a file, so that the kernel would
/// detect two workers at the same time. There is no password, because OpenSSL for musl is not installed where the tests for musl run.
/// </summary>
[NonParallelizable]
public class ClusterTests
{
    private const string AllReady = "All workers are ready";

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongLease = TimeSpan.FromMinutes(1);

    private PostgresServer _server = null!;
    private TemporaryDirectory _locks = null!;

    [SetUp]
    public void StartServer()
    {
        _server = PostgresServer.StartNew(trustsAll: true);
        _locks = new TemporaryDirectory();
    }

    [TearDown]
    public void StopServer()
    {
        _server?.Dispose();
        _locks?.Dispose();
    }

    [Test]
    [Category("Aot")]
    public async Task Worker_moves_when_the_master_is_killed_and_its_incarnation_is_higher()
    {
        await using var first = Start();
        var worker = await first.WaitForReadyAsync("heavy", 0);
        await using var second = Start();
        await UntilReadyAsync(second);
        first.Signal(Linux.Kill);
        var moved = await second.WaitForAsync("run", "heavy", 0);
        Assert.That(moved.Incarnation, Is.EqualTo(1_000_001));
        Assert.That(Linux.IsAlive(worker), Is.False);
        await first.UntilGoneAsync();
        await second.StopAsync();
        AssertNoViolation(first, second);
    }

    [Test]
    public async Task Worker_moves_when_the_records_are_in_NATS()
    {
        await using var nats = await NatsServer.StartNewAsync();
        await using var first = StartWithNats(nats.Url);
        await first.WaitForReadyAsync("heavy", 0);
        await using var second = StartWithNats(nats.Url);
        await UntilReadyAsync(second);
        first.Signal(Linux.Stop);
        Assert.That((await second.WaitForAsync("run", "heavy", 0)).Incarnation, Is.EqualTo(1_000_001));
        first.Signal(Linux.Continue);
        await second.StopAsync();
        await first.WaitForAsync(2, "run", "heavy", 0);
        await first.StopAsync();
        AssertNoViolation(first, second);
    }

    [Test]
    public async Task Worker_is_handed_over_without_a_wait_for_the_lease_when_the_program_stops()
    {
        await using var first = Start(WithLease(LongLease));
        await first.WaitForReadyAsync("heavy", 0);
        await using var second = Start(WithLease(LongLease));
        await UntilReadyAsync(second);
        await first.StopAsync();
        var ended = first.Trace.Last(t => t.Is("terminated"));
        var moved = await second.WaitForAsync("init", "heavy", 0);
        Assert.That(moved.Time, Is.GreaterThan(ended.Time));
        Assert.That(moved.Time - ended.Time, Is.LessThan(LongLease / 2), second.Describe);
        await second.StopAsync();
        AssertNoViolation(first, second);
    }

    [TestCase(false, Category = "Aot")]
    [TestCase(true, Category = "Long")]
    public async Task Worker_of_a_stopped_master_kills_itself_before_the_other_program_starts_one(bool alsoTheWorker)
    {
        await using var first = Start();
        var worker = await first.WaitForReadyAsync("heavy", 0);
        await using var second = Start();
        await UntilReadyAsync(second);
        first.Signal(Linux.Stop);
        if (alsoTheWorker)
        {
            Linux.Send(worker, Linux.Stop);
        }

        await second.WaitForAsync("run", "heavy", 0);
        Assert.That(Linux.IsAlive(worker), Is.False);
        first.Signal(Linux.Continue);
        await first.UntilAsync(
            () => first.Output.Contains("was stopped at the end of the lease of the cluster (SIGKILL)", StringComparison.Ordinal), "the exit in the log");
        await second.StopAsync();
        await first.WaitForAsync(2, "run", "heavy", 0);
        await first.StopAsync();
        AssertNoViolation(first, second);
    }

    [Test]
    public async Task Worker_that_does_not_stop_before_its_lease_ends_kills_its_child_processes_too()
    {
        await using var program = Start(
            "--Script:heavy:Run", "grandchild wait", "--Script:heavy:Terminate", "hang", "--Cotyledon:GracefulShutdownTimeout", "00:01:00");
        await program.WaitForAsync("grandchild", "heavy", 0);
        await program.WaitForReadyAsync("heavy", 0);
        program.Signal(Linux.Kill);
        await program.UntilGoneAsync(TestProgram.Limit / 2);
    }

    [Test]
    public async Task Workers_stop_before_the_lease_ends_if_the_server_does_not_answer_and_start_again_when_it_does()
    {
        // Workers are told to stop after two thirds of the lease, and killed after nine tenths.
        await using var app = Start([.. WithLease(TimeSpan.FromSeconds(20)), "--Script:heavy:Terminate", "delay:100"]);
        await app.WaitForReadyAsync("heavy", 0);
        _server.Pause();
        await app.WaitForAsync("terminated", "heavy", 0);
        await app.UntilAsync(() => app.Output.Contains("did not answer", StringComparison.Ordinal), "the problem in the log");
        const string releases =
            "this machine releases the worker id and stops its worker: the lease is about to end, and the cluster store cannot be used";
        await app.UntilAsync(() => app.Output.Contains(releases, StringComparison.Ordinal), "the cause in the log");
        _server.Continue();
        await app.WaitForAsync(2, "run", "heavy", 0);
        await app.StopAsync();
        AssertNoViolation(app);
    }

    [Test]
    public async Task Program_waits_for_a_server_that_is_started_later()
    {
        _server.Kill();
        await using var app = Start("--Light", "1");
        await app.WaitForReadyAsync("light", 0);
        await app.UntilAsync(() => app.Output.Contains("cannot be reached", StringComparison.Ordinal), "the problem in the log");
        _server.Start();
        await app.WaitForReadyAsync("heavy", 0);
        await app.StopAsync();
    }

    [Test]
    public async Task Killed_worker_is_restarted_at_once_on_the_same_machine()
    {
        // A worker that is not ready long before the lease ends is stopped.
        await using var first = Start(WithLease(LongLease));
        var worker = await first.WaitForReadyAsync("heavy", 0);
        await using var second = Start(WithLease(LongLease));
        await UntilReadyAsync(second);
        _server.Pause();
        Linux.Send(worker, Linux.Kill);
        await first.WaitForReadyAsync("heavy", 0, incarnation: 2);
        _server.Continue();
        await first.StopAsync();
        await second.StopAsync();
        AssertNoViolation(first, second);
    }

    [Test]
    public async Task Worker_outlives_its_first_lease_and_is_killed_when_it_is_stopped()
    {
        var lease = TimeSpan.FromSeconds(8);
        await using var program = Start(WithLease(lease));
        var worker = await program.WaitForReadyAsync("heavy", 0);
        var ready = Stopwatch.StartNew();
        await program.UntilAsync(() => ready.Elapsed > lease, "the end of the first lease");
        Assert.That(program.Trace.Count(t => t.Is("run", "heavy")), Is.EqualTo(1), program.Describe);
        Linux.Send(worker, Linux.Stop);
        await program.WaitForReadyAsync("heavy", 0, incarnation: 2);
        Assert.That(Linux.IsAlive(worker), Is.False);
        await program.StopAsync();
        AssertNoViolation(program);
    }

    [Test]
    public async Task Ids_are_divided_and_the_configuration_changes_their_number()
    {
        // The first program takes the ids of the second one too if that does not claim them within two fifths of the lease.
        await using var first = StartWith(Settings.Text("a", heavy: 2), WithLease(LongLease));
        await first.WaitForAsync(2, "run", "heavy");
        await using var second = StartWith(Settings.Text("a", heavy: 4), WithLease(LongLease));
        await second.WaitForAsync(2, "run", "heavy");
        Assert.That(second.Trace.Where(t => t.Is("run", "heavy")).Select(t => t.WorkerId), Is.EquivalentTo(new[] { 2, 3 }));
        await first.WaitForAsync("count", "heavy");
        new Settings(first.Directory).Write(Settings.Text("a", heavy: 4));
        new Settings(second.Directory).Write(Settings.Text("a", heavy: 1));
        new Settings(first.Directory).Write(Settings.Text("a", heavy: 1));
        await second.WaitForAsync(2, "terminated", "heavy");
        await first.WaitForAsync(1, "terminated", "heavy", 1);
        await second.StopAsync();
        await first.StopAsync();
        AssertNoViolation(first, second);
    }

    private static Task UntilReadyAsync(TestProgram app) =>
        app.UntilAsync(() => app.Output.Contains(AllReady, StringComparison.Ordinal), "the program to be ready");

    private static string[] WithLease(TimeSpan lease) => ["--Cotyledon:Cluster:LeaseDuration", $"{lease}"];

    private TestProgram Start(params string[] arguments) => TestProgram.Start(start => { }, WithCluster(arguments));

    private TestProgram StartWith(string settings, params string[] arguments) => Settings.Start(settings, WithCluster(arguments));

    private TestProgram StartWithNats(string url) => TestProgram.Start(
        start => { }, [.. WithCluster([]).Except(["--Cotyledon:Cluster:ConnectionString", _server.ConnectionStringWithoutPassword]), "--Cotyledon:Cluster:Url", url]);

    private string[] WithCluster(string[] arguments) =>
    [
        "--Heavy", "1", "--Light", "-1", "--Locks", "true", "--LockDirectory", _locks.Path,
        "--Cotyledon:Services:heavy:Scope", "Cluster",
        "--Cotyledon:Cluster:ConnectionString", _server.ConnectionStringWithoutPassword,
        "--Cotyledon:Cluster:LeaseDuration", $"{Lease}",
        .. arguments,
    ];

    private static void AssertNoViolation(params TestProgram[] apps)
    {
        var all = apps.SelectMany(a => a.Trace).ToList();
        Assert.That(all.Where(t => t.Is("violation")), Is.Empty);
        foreach (var worker in all.Where(t => t.Is("init", "heavy")).GroupBy(t => t.WorkerId))
        {
            Assert.That(worker.OrderBy(t => t.Time).Select(t => t.Incarnation), Is.Ordered.Ascending.And.Unique, $"the incarnations of worker {worker.Key}");
        }
    }
}
