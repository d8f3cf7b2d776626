using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Tests.Supervision;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using Moq;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Observability;

/// <summary>A supervisor with fake workers, metrics and traces, driven one turn of its loop at a time.</summary>
internal sealed class Observed : IDisposable
{
    private readonly ServiceProvider _provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly BackgroundLog _log = new(new TestLogger());

    public Observed(params ServiceSettings[] services)
        : this(Defaults, services)
    {
    }

    public Observed(SupervisorSettings settings, params ServiceSettings[] services)
    {
        Telemetry = new Telemetry(Meters, Clock);
        var output = new Mock<ISupervisorOutput>();
        output.Setup(o => o.Execute(It.IsAny<SupervisorCommand>())).Callback<SupervisorCommand>(Telemetry.Observe);
        FakeLauncher launcher = null!;
        Supervisor = new Supervisor(
            new SupervisorState(settings, services, seed: 1), report => launcher = new FakeLauncher(report), output.Object, Clock);
        Launcher = launcher;
        Telemetry.Attach(Supervisor, Events, _log);
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch);

    public Telemetry Telemetry { get; }

    public Supervisor Supervisor { get; }

    public FakeLauncher Launcher { get; }

    public WorkerEvents Events { get; } = new();

    public IMeterFactory Meters => _provider.GetRequiredService<IMeterFactory>();

    public MetricCollector<T> Collect<T>(string name) where T : struct => new(Meters, TelemetryNames.Source, name);

    public void Post(SupervisorMessage message)
    {
        Supervisor.Post(message);
        Supervisor.HandlePending();
    }

    public void Advance(TimeSpan time)
    {
        Clock.Advance(time);
        Supervisor.HandlePending();
    }

    public void Crash(int spawn)
    {
        Launcher.Crash(spawn);
        Supervisor.HandlePending();
    }

    public void Start() => Post(new SupervisorMessage.SupervisorStarted());

    public void Stop(int exitCode = 0)
    {
        Post(new SupervisorMessage.StopRequested(exitCode));
        Advance(Seconds(2));
        Post(new SupervisorMessage.TerminateHooksCompleted());
    }

    public void Dispose()
    {
        Supervisor.Dispose();
        _log.Dispose();
        _provider.Dispose();
    }
}

/// <summary>Collects the activities of this package. The activity source is static, so tests that use this do not run in parallel.</summary>
internal sealed class Spans : IDisposable
{
    private readonly List<Activity> _all = [];
    private readonly ActivityListener _listener;

    public Spans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.Source,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _all.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> All => _all;

    public Activity this[string name] => _all.Single(a => a.OperationName == name);

    public void Dispose() => _listener.Dispose();
}
