using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting;

/// <summary>The master's ties to its host, its process and the service manager.</summary>
internal sealed class MasterHost(
    IHostApplicationLifetime lifetime,
    IHostEnvironment environment,
    IOptions<HostOptions> hostOptions,
    ServiceManagerNotifier notifier)
{
    /// <summary>What the host's shutdown may take on top of the timeouts of hooks and workers.</summary>
    private static readonly TimeSpan ShutdownReserve = TimeSpan.FromSeconds(10);

    public IWorkerLauncher CreateLauncher(Action<SupervisorMessage> report)
    {
        var command = ProgramCommand.OfThisProcess;
        var variables = WorkerEnvironment.For(environment);
        return OperatingSystem.IsWindows()
            ? new WindowsLauncher(command, variables, report)
            : new UnixLauncher(command, variables, report);
    }

    /// <summary>
    /// The host gives up on its services after 30 seconds by default; ours needs the timeouts that it promises. The host looks
    /// at this value only when it stops.
    /// </summary>
    public void RaiseShutdownTimeout(SupervisorSettings settings, IReadOnlyList<ServiceSettings> services)
    {
        var options = hostOptions.Value;
        var timeouts = services.Select(s => s.GracefulTimeout).ToList();
        if (options.ShutdownTimeout == Timeout.InfiniteTimeSpan || timeouts.Contains(TimeSpan.Zero))
        {
            options.ShutdownTimeout = Timeout.InfiniteTimeSpan;
            return;
        }

        var needed = settings.HookTimeout + timeouts.Append(TimeSpan.Zero).Max() + ShutdownReserve;
        if (options.ShutdownTimeout < needed)
        {
            options.ShutdownTimeout = needed;
        }
    }

    public void ListenToSignals(Action<SupervisorMessage> report) => MasterSignals.Instance.Listen(signal =>
    {
        report(signal == MasterSignal.FastStop
            ? new SupervisorMessage.FastStopRequested()
            : new SupervisorMessage.StopRequested());
        StopApplication();
    });

    public CancellationTokenRegistration OnStopping(Action action) => lifetime.ApplicationStopping.Register(action);

    /// <summary>On a thread of its own: the callbacks of the stopping token are user code.</summary>
    public void StopApplication() =>
        new Thread(lifetime.StopApplication) { IsBackground = true, Name = "cotyledon stop" }.Start();

    public void AnnounceReady() => notifier.Ready();

    /// <summary>Also stops the host, where the supervisor itself began: a service that was given up.</summary>
    public void AnnounceStopping()
    {
        notifier.Stopping();
        StopApplication();
    }
}
