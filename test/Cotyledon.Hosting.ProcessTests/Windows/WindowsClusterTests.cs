using Cotyledon.Hosting.Cluster.Tests.Postgres;

namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>
/// Two programs that stand for two machines, with one worker in the whole cluster, and PostgreSQL. On Windows, a thread of the worker kills the process
/// when the lease ends.
/// </summary>
[Category("Windows")]
[NonParallelizable]
public class WindowsClusterTests
{
    private PostgresServer _server = null!;
    private TemporaryDirectory _locks = null!;

    [SetUp]
    public void StartServer()
    {
        _server = PostgresServer.StartNew(trustsAll: true); // Wine 8 lacks a function of Windows that passwords need.
        _locks = new TemporaryDirectory();
    }

    [TearDown]
    public void StopServer()
    {
        _server?.Dispose();
        _locks?.Dispose();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Worker_of_a_stopped_or_killed_master_ends_before_the_other_program_starts_one(bool isKilled)
    {
        await using var first = Start();
        var worker = await first.WaitForReadyAsync("heavy", 0);
        await using var second = Start();
        await second.UntilAsync(() => second.Output.Contains("All workers are ready", StringComparison.Ordinal), "the program to be ready");
        first.Signal(isKilled ? Linux.Kill : Linux.Stop);
        var moved = await second.WaitForAsync("run", "heavy", 0);
        Assert.That(moved.Incarnation, Is.EqualTo(1_000_001));
        Assert.That(Wine.Exists(worker), Is.False);
        first.Signal(Linux.Continue);
        await second.ShutDownAsync();
        if (!isKilled)
        {
            await first.WaitForAsync(2, "run", "heavy", 0);
            await first.ShutDownAsync();
            Assert.That(first.Output, Does.Contain("the lease of the cluster"));
        }

        Assert.That(first.Trace.Concat(second.Trace).Where(t => t.Is("violation")), Is.Empty);
    }

    private TestProgram Start() => Wine.Start(
        "--Heavy", "1", "--Light", "-1", "--Locks", "true", "--LockDirectory", $"Z:{_locks.Path}",
        "--Cotyledon:Services:heavy:Scope", "Cluster",
        "--Cotyledon:Cluster:ConnectionString", _server.ConnectionStringWithoutPassword,
        "--Cotyledon:Cluster:LeaseDuration", "00:00:10");
}
