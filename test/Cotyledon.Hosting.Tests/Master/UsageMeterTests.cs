using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Tests.Configuration;

namespace Cotyledon.Hosting.Tests.Master;

/// <summary>The measurement of processor time and memory. Services Poller, with two workers, and Sender, with none.</summary>
internal sealed class UsageMeterTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly List<int> _read = [];
    private readonly List<IWorkerLoadSource> _loads = [];
    private Func<int, ProcessUsage?> _usage = _ => new ProcessUsage(TimeSpan.Zero, 1000);
    private Reloading _master = null!;

    [SetUp]
    public async Task SetUp()
    {
        _master = new Reloading(new Source(), []);
        await _master.StartAsync();
    }

    [TearDown]
    public void TearDown() => _master.Dispose();

    [Test]
    public async Task The_master_is_followed_by_the_workers_of_the_services()
    {
        var usages = await MeasureAsync(Create());

        Assert.That(
            usages.Select(u => (u.Service, u.WorkerId, u.ProcessId, u.CpuPercent, u.MemoryBytes)),
            Is.EqualTo(new (string?, int?, int, double?, long)[]
            {
                (null, null, Environment.ProcessId, null, 1000L), ("Poller", 0, 1001, null, 1000L), ("Poller", 1, 1002, null, 1000L),
            }));
    }

    [Test]
    public async Task Processor_time_is_the_share_of_one_processor_since_the_previous_measurement()
    {
        var meter = Create();
        await MeasureAsync(meter);
        _usage = process => new ProcessUsage(TimeSpan.FromSeconds(process == 1002 ? 3 : 0.5), 1000);
        _master.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.That((await MeasureAsync(meter)).Select(u => u.CpuPercent), Is.EqualTo(new[] { 25.0, 25, 150 }));
    }

    [Test]
    public async Task Calls_within_a_second_share_one_measurement()
    {
        var meter = Create();
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => MeasureAsync(meter)));
        _master.Clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.That(results.Append(await MeasureAsync(meter)).Distinct().Count(), Is.EqualTo(1));
        Assert.That(_read, Has.Count.EqualTo(3));

        _master.Clock.Advance(TimeSpan.FromSeconds(0.1));
        await MeasureAsync(meter);
        Assert.That(_read, Has.Count.EqualTo(6));
    }

    [Test]
    public async Task Worker_that_exits_meanwhile_is_left_out()
    {
        _usage = process =>
        {
            if (process == 1001)
            {
                _master.Crash(1);
                SpinWait.SpinUntil(() => _master.Supervisor.Read((state, _) => !state.Processes.ContainsKey(1)), Limit);
            }

            return process == 1002 ? null : new ProcessUsage(TimeSpan.Zero, 1000);
        };

        Assert.That((await MeasureAsync(Create())).Select(u => u.WorkerId), Is.EqualTo(new int?[] { null }));
    }

    [Test]
    public async Task Replacement_of_a_worker_begins_with_no_processor_time()
    {
        var meter = Create();
        _usage = _ => new ProcessUsage(TimeSpan.FromSeconds(100), 1000);
        await MeasureAsync(meter);
        _master.Crash(1);
        await _master.UntilReadyAsync(3);
        _usage = _ => new ProcessUsage(TimeSpan.FromSeconds(101), 1000);
        _master.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.That((await MeasureAsync(meter)).Select(u => (u.ProcessId, u.CpuPercent)), Is.EqualTo(new (int, double?)[]
        {
            (Environment.ProcessId, 100.0), (1003, null), (1002, 100.0),
        }));
    }

    [Test]
    public async Task Measurement_that_takes_too_long_is_replaced_by_the_previous_result()
    {
        var meter = Create();
        var previous = await MeasureAsync(meter);
        using var release = new ManualResetEventSlim();
        var blocked = new Pending();
        _usage = _ =>
        {
            blocked.TrySetResult();
            release.Wait();
            return null;
        };
        _master.Clock.Advance(TimeSpan.FromSeconds(1));

        var late = MeasureAsync(meter);
        await blocked.Task;
        Assert.That(late.IsCompleted, Is.False);
        _master.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.That(await late, Is.SameAs(previous));

        release.Set();
    }

    [Test]
    public async Task Cancelled_call_does_not_cancel_the_measurement()
    {
        var meter = Create();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        Assert.That(() => meter.MeasureAsync(cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await MeasureAsync(meter), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task In_process_workers_are_measured_with_the_master()
    {
        _loads.Add(new Loads("Poller", null!)); // Throws if it is asked.

        Assert.That((await MeasureAsync(Create(isInProcess: true))).Single().WorkerId, Is.Null);
    }

    [Test]
    public void Usage_of_this_process_is_read_from_the_system()
    {
        var usage = ProcessUsage.Read(Environment.ProcessId)!.Value;

        Assert.That(usage.Processor, Is.EqualTo(Environment.CpuUsage.TotalTime).Within(TimeSpan.FromSeconds(1)));
        Assert.That(usage.Memory, Is.InRange(1, Environment.WorkingSet * 2));
        Assert.That(ProcessUsage.Read(int.MaxValue), Is.Null);
    }

    [Test]
    public async Task Connections_and_requests_are_those_of_the_service_that_measures_them()
    {
        _loads.Add(new Loads("Poller", new WorkerLoad { WorkerId = 1, Connections = 3, Requests = 120 }));
        _loads.Add(new Loads("Sender", new WorkerLoad { WorkerId = 0, Connections = 9, Requests = 9 }));

        Assert.That(
            (await MeasureAsync(Create())).Select(u => (u.WorkerId, u.Connections, u.Requests)),
            Is.EqualTo(new (int?, int?, long?)[] { (null, null, null), (0, null, null), (1, 3, 120) }));
    }

    private sealed class Loads(string service, params WorkerLoad[] loads) : IWorkerLoadSource
    {
        public string Service => service;

        public IReadOnlyList<WorkerLoad> Measure() => [.. loads];
    }

    private UsageMeter Create(bool isInProcess = false) => new(_master.Supervisor, isInProcess, Read, _loads, _master.Clock);

    private ProcessUsage? Read(int processId)
    {
        _read.Add(processId);
        return _usage(processId);
    }

    private static Task<IReadOnlyList<WorkerUsage>> MeasureAsync(UsageMeter meter) => meter.MeasureAsync(default).WaitAsync(Limit);
}
