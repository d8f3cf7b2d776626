using System.Diagnostics.Metrics;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Tests.Configuration;
using Cotyledon.Hosting.Tests.Supervision;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests.Master;

/// <summary>
/// A master that can reload: the test controls its configuration, its loop runs on its own thread, its workers are fake. Services
/// Poller, with two workers, and Sender, with none.
/// </summary>
internal sealed class Reloading : IDisposable
{
    private readonly BackgroundLog _log;
    private readonly FakeLauncher _launcher;
    private readonly ServiceProvider _provider;

    public Reloading(Source source, ICotyledonHooks[] hooks, Func<Source, IConfiguration>? configuration = null)
    {
        Source = source;
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddSingleton(configuration?.Invoke(source) ?? source.ToConfiguration());
        services.AddCotyledonWorker<Worker>(workers: 2, name: "Poller");
        services.AddCotyledonWorker<Worker>(workers: 0, name: "Sender");
        var settings = Program.SettingsOf(services);
        Configuration = settings.Configuration;
        Configuration.TakeOver();
        var inForce = settings.Read();
        var hookRunner = new HookRunner(hooks, Clock, Logger);
        _log = new BackgroundLog(Logger);
        _provider = services.BuildServiceProvider();
        var telemetry = new Telemetry(_provider.GetRequiredService<IMeterFactory>(), Clock);
        Output = new SupervisorOutput(hookRunner, Host, telemetry, new WorkerEvents(), _log, Clock)
        {
            HookTimeout = inForce.Supervisor.HookTimeout,
        };
        FakeLauncher launcher = null!;
        Supervisor = new Supervisor(
            new SupervisorState(inForce.Supervisor, inForce.Services, seed: 1), report => launcher = new(report), Output, Clock);
        _launcher = launcher;
        var dependencies = new ReloadDependencies(
            hookRunner, new ShutdownTimeout(Options.Create(new HostOptions())), telemetry, Logger, Clock);
        Coordinator = new ReloadCoordinator(settings, inForce, Supervisor, Output, dependencies);
        Output.Attach(Supervisor.Post, Coordinator);
    }

    public Source Source { get; }

    public MasterConfiguration Configuration { get; }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch);

    public TestLogger Logger { get; } = new();

    public SupervisorOutput Output { get; }

    public Supervisor Supervisor { get; }

    public ReloadCoordinator Coordinator { get; }

    /// <summary>The effect of a reload on a worker.</summary>
    public Action<int> OnReload { set => _launcher.OnReload = value; }

    /// <summary>The effect of a start.</summary>
    public Action<int> OnStart { set => _launcher.OnStart = value; }

    public FakeHost Host { get; } = new();

    /// <summary>The announced begins (true) and ends (false) of reloads.</summary>
    public IEnumerable<bool> Announced => Host.Notices
        .SkipWhile(n => n is not Notice.Reloading)
        .Where(n => n is Notice.Reloading or Notice.Ready)
        .Select(n => n is Notice.Reloading);

    public EffectiveSettings InForce => Coordinator.InForce;

    /// <summary>The calls to the launcher after the start. Read it after the end.</summary>
    public IEnumerable<string> Calls => _launcher.Calls.SkipWhile(call => call != Settled).Skip(1);

    private const string Settled = "settled";

    public async Task StartAsync()
    {
        Supervisor.Start();
        Supervisor.Post(new SupervisorMessage.SupervisorStarted(new ServiceManager(null)));
        var (number, answer) = Output.NewRequest();
        Supervisor.Post(new SupervisorMessage.ScaleRequested("Poller", 2, number));
        await answer;
        _launcher.Calls.Add(Settled);
        Coordinator.Watch();
    }

    /// <summary>Announces a change of the source, and completes when the change has been processed.</summary>
    public async Task AnnounceChangeAsync()
    {
        Source.Announce();
        Clock.Advance(TimeSpan.FromMilliseconds(200));
        await CatchUpAsync();
    }

    /// <summary>Completes when all reloads requested so far are done: they run one at a time, in order.</summary>
    public Task CatchUpAsync() => Coordinator.RestartAsync("Sender");

    public void Crash(int spawn) => _launcher.Crash(spawn);

    public void FailToStart(int spawn) => _launcher.FailToStart(spawn);

    /// <summary>Completes when a process is ready.</summary>
    public async Task UntilReadyAsync(int spawn)
    {
        while (!Supervisor.Read((state, _) => state.Processes.GetValueOrDefault(spawn) is { Works: true }))
        {
            await Task.Yield();
        }
    }

    public async Task EndAsync()
    {
        Supervisor.Post(new SupervisorMessage.StopRequested());
        Supervisor.Post(new SupervisorMessage.TerminateHooksCompleted());
        await Supervisor.Completion;
        _launcher.OnStop = _ => { };
    }

    public void Dispose()
    {
        Coordinator.Dispose();
        Supervisor.Post(new SupervisorMessage.FastStopRequested());
        Supervisor.Dispose();
        _log.Dispose();
        _provider.Dispose();
    }

    internal sealed class Worker : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }
}
