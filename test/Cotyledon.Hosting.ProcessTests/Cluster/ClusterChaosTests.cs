using System.Diagnostics;
using Cotyledon.Hosting.Cluster.Tests.Postgres;

namespace Cotyledon.Hosting.ProcessTests.Cluster;

/// <summary>
/// Three programs that stand for three machines share twelve worker ids, while masters, workers and the server are killed and stopped, and links are cut.
/// Each worker locks a file of its id, so the kernel detects two workers with one id.
/// </summary>
[NonParallelizable]
public class ClusterChaosTests
{
    private const int Ids = 12;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    private readonly List<TraceLine> _trace = [];
    private PostgresServer _server = null!;
    private TemporaryDirectory _locks = null!;
    private Random _random = null!;

    [TearDown]
    public void StopServer()
    {
        _server?.Dispose();
        _locks?.Dispose();
    }

    [Test]
    [Category("Long")]
    public Task No_two_workers_have_the_same_id_and_no_incarnation_goes_back() => RunAsync(minutes: 1);

    [Test]
    [Explicit("Takes as long as CHAOS_MINUTES says.")]
    public Task No_two_workers_have_the_same_id_for_a_long_time() => RunAsync(NumberOf("CHAOS_MINUTES") ?? 30);

    private static int? NumberOf(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
        : null;

    private async Task RunAsync(int minutes)
    {
        var seed = NumberOf("CHAOS_SEED") ?? Environment.TickCount & 0xffff;
        TestContext.Progress.WriteLine($"cluster, seed {seed}");
        _random = new Random(seed);
        _server = PostgresServer.StartNew();
        _locks = new TemporaryDirectory();
        _trace.Clear();
        Machine[] machines = [new(this), new(this), new(this)];
        try
        {
            var end = Stopwatch.StartNew();
            var faults = 0;
            while (end.Elapsed < TimeSpan.FromMinutes(minutes))
            {
                await FaultAsync(machines[_random.Next(machines.Length)]);
                await Task.Delay(_random.Next(3000));
                faults++;
            }

            // Longer than all leases, so that nothing is left of the faults.
            await machines[0].Program.UntilAsync(() => HeldLocks(machines) == Ids, "a worker for each id", TimeSpan.FromSeconds(90));
            await Task.WhenAll(machines.Select(m => m.Program.StopAsync()));
            foreach (var machine in machines)
            {
                _trace.AddRange(machine.Program.Trace);
            }

            TestContext.Progress.WriteLine($"seed {seed}: {faults} faults, {_trace.Count(t => t.Is("init", "heavy"))} workers");
            Assert.That(_trace.Where(t => t.Is("violation")), Is.Empty, $"seed {seed}");
            foreach (var worker in _trace.Where(t => t.Is("init", "heavy")).GroupBy(t => t.WorkerId))
            {
                Assert.That(
                    worker.OrderBy(t => t.Time).Select(t => t.Incarnation),
                    Is.Ordered.Ascending.And.Unique,
                    $"seed {seed}, the incarnations of worker {worker.Key}");
            }
        }
        finally
        {
            foreach (var machine in machines)
            {
                await machine.DisposeAsync();
            }
        }
    }

    private async Task FaultAsync(Machine machine)
    {
        var time = TimeSpan.FromMilliseconds(_random.Next(500, 9000));
        var program = machine.Program;
        var workers = program.Processes().Where(p => p != program.ProcessId).ToList();
        var worker = workers.Count == 0 ? program.ProcessId : workers[_random.Next(workers.Count)];
        switch (_random.Next(9))
        {
            case 0:
                program.Signal(Linux.Kill);
                await program.UntilGoneAsync(TimeSpan.FromSeconds(30));
                await machine.StartAgainAsync();
                break;
            case 1:
                await PauseAsync(time, program.ProcessId);
                break;
            case 2:
                await PauseAsync(time, [program.ProcessId, .. workers]);
                break;
            case 3:
                await PauseAsync(time, worker);
                break;
            case 4 or 5:
                Linux.Send(worker, Linux.Kill);
                await program.UntilAsync(() => !Linux.IsAlive(worker), "the death of the process");
                break;
            case 6:
                machine.Relay.Cut();
                await Task.Delay(time);
                machine.Relay.Heal();
                break;
            case 7:
                _server.Pause();
                await Task.Delay(time);
                _server.Continue();
                break;
            default:
                _server.Kill();
                await Task.Delay(time / 3);
                _server.Start();
                break;
        }

        if (!Linux.IsAlive(machine.Program.ProcessId))
        {
            await machine.StartAgainAsync(); // The worker that was chosen was the master.
        }
    }

    private static async Task PauseAsync(TimeSpan time, params IReadOnlyList<int> processes)
    {
        foreach (var process in processes)
        {
            Linux.Send(process, Linux.Stop);
        }

        await Task.Delay(time);
        foreach (var process in processes)
        {
            Linux.Send(process, Linux.Continue);
        }
    }

    /// <summary>Returns the number of workers that hold the lock of their id. The test takes no lock, so that it does not disturb them.</summary>
    private static int HeldLocks(IEnumerable<Machine> machines)
    {
        var processes = machines.SelectMany(m => m.Program.Processes()).Select(p => $"{p}").ToHashSet();
        return File.ReadLines("/proc/locks").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(l => l is [_, "FLOCK", _, "WRITE", ..] && processes.Contains(l[4]))
            .Select(l => l[5])
            .Distinct()
            .Count();
    }

    /// <summary>A program and its network.</summary>
    private sealed class Machine : IAsyncDisposable
    {
        private readonly ClusterChaosTests _tests;

        public Machine(ClusterChaosTests tests)
        {
            _tests = tests;
            Relay = new Relay(tests._server.Port);
            Program = Start();
        }

        public Relay Relay { get; }

        public TestProgram Program { get; private set; }

        public async Task StartAgainAsync()
        {
            _tests._trace.AddRange(Program.Trace);
            await Program.DisposeAsync();
            Program = Start();
        }

        public async ValueTask DisposeAsync()
        {
            await Program.DisposeAsync();
            Relay.Dispose();
        }

        private TestProgram Start() => TestProgram.Start(
            "--Heavy", $"{Ids}", "--Light", "-1", "--Locks", "true", "--LockDirectory", _tests._locks.Path,
            "--Cotyledon:Services:heavy:Scope", "Cluster",
            "--Cotyledon:Services:heavy:RestartBackoff", "50ms",
            "--Cotyledon:Services:heavy:MaxRestartBackoff", "200ms",
            "--Cotyledon:Cluster:ConnectionString", $"Host=127.0.0.1;Port={Relay.Port};Database=postgres;Username=postgres;Password=secret",
            "--Cotyledon:Cluster:LeaseDuration", $"{Lease}");
    }
}
