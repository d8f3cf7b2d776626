using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Master;

/// <summary>The master's ties to its host, its process and the service manager.</summary>
internal sealed class MasterHost(
    IHostApplicationLifetime lifetime,
    IHostEnvironment environment,
    IOptions<HostOptions> hostOptions,
    IEnumerable<ISideChannel> sideChannels,
    ServiceManagerNotifier notifier) : IDisposable
{
    /// <summary>What the host's shutdown may take on top of the timeouts of hooks and workers.</summary>
    private static readonly TimeSpan ShutdownReserve = TimeSpan.FromSeconds(10);

    private readonly Lock _announcing = new();
    private bool _isGuest;
    private bool _isReady;
    private bool _isStopping;

    /// <param name="configuration">What workers are sent.</param>
    /// <param name="report">Takes what happens to workers.</param>
    public IWorkerLauncher CreateLauncher(Func<ConfigurationImage> configuration, Action<SupervisorMessage> report)
    {
        var command = ProgramCommand.OfThisProcess;
        var variables = WorkerEnvironment.For(environment);
        return OperatingSystem.IsWindows()
            ? new WindowsLauncher(command, variables, [.. sideChannels], configuration, report)
            : new UnixLauncher(command, variables, [.. sideChannels], configuration, report);
    }

    /// <summary>
    /// The host gives up on its services after 30 seconds by default; ours needs the timeouts that it promises. The host looks
    /// at this value only when it stops.
    /// </summary>
    public void RaiseShutdownTimeout(EffectiveSettings settings)
    {
        var options = hostOptions.Value;
        var timeouts = settings.Services.Select(s => s.GracefulTimeout).ToList();
        if (options.ShutdownTimeout == Timeout.InfiniteTimeSpan || timeouts.Contains(Timeout.InfiniteTimeSpan))
        {
            options.ShutdownTimeout = Timeout.InfiniteTimeSpan;
            return;
        }

        var needed = settings.Supervisor.HookTimeout + timeouts.Append(TimeSpan.Zero).Max() + ShutdownReserve;
        if (options.ShutdownTimeout < needed)
        {
            options.ShutdownTimeout = needed;
        }
    }

    /// <summary>Whether the process is the application's own, and its title, signals and exit code are the master's to set.</summary>
    public static bool OwnsProcess => ForeignHost.Kind == HostProgramKind.Application;

    /// <summary>
    /// Reserves the process for this host, before anything of it starts. Hosts whose workers run inside the process may be several; the
    /// first one has the signals.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another host of this process has workers.</exception>
    public void ReserveProcess(bool isInProcess)
    {
        _isGuest = OwnsProcess && !ProcessLease.OfThisProcess.TryTake(this);
        if (_isGuest && !isInProcess)
        {
            throw new InvalidOperationException(
                "Another host in this process already supervises workers; its signals, exit code and worker processes cannot be shared. "
                + "Register all services with one host, or stop and dispose the other host first. In tests, set Cotyledon:Mode to InProcess "
                + "or use TestWorker of Cotyledon.Hosting.Testing.");
        }
    }

    /// <summary>Takes title and signals of the process, where they are the master's.</summary>
    public void TakeProcess(ILogger logger, Action<SupervisorMessage> report, Action reload)
    {
        if (!HoldsProcess)
        {
            return;
        }

        ProcessTitle.SetMaster();
        if (ServiceManagerWarning is { } warning)
        {
            Log.ConfigurationWarning(logger, warning);
        }

        if (MasterSignals.Instance.IgnoresHangup)
        {
            Log.HangupIgnored(logger);
        }

        ListenToSignals(report, reload);
    }

    /// <summary>The supervisor has ended with this code, and so does the process, where it is the master's.</summary>
    public void Finish(int exitCode, bool fast)
    {
        if (HoldsProcess)
        {
            MasterExit.Finish(exitCode, fast);
        }
    }

    public void ReleaseProcess()
    {
        if (HoldsProcess)
        {
            MasterSignals.Instance.StopListening();
            ProcessLease.OfThisProcess.Release(this);
        }
    }

    private bool HoldsProcess => ProcessLease.OfThisProcess.IsHeldBy(this);

    private void ListenToSignals(Action<SupervisorMessage> report, Action reload) => MasterSignals.Instance.Listen(signal =>
    {
        switch (signal)
        {
            case MasterSignal.Reload:
                reload();
                break;
            case MasterSignal.FastStop:
                report(new SupervisorMessage.FastStopRequested());
                StopApplication();
                break;
            default:
                report(new SupervisorMessage.StopRequested());
                StopApplication();
                break;
        }
    });

    public CancellationTokenRegistration OnStopping(Action action) => lifetime.ApplicationStopping.Register(action);

    /// <summary>On a thread of its own: the callbacks of the stopping token are user code.</summary>
    public void StopApplication() => Threads.Run("cotyledon stop", lifetime.StopApplication);

    /// <summary>Who listens; <see langword="null"/> where nobody does.</summary>
    public ServiceManager? ServiceManager => notifier.IsEnabled && !_isGuest ? new ServiceManager(notifier.Watchdog.Timeout) : null;

    /// <summary>What is wrong with what the service manager says.</summary>
    public string? ServiceManagerWarning => notifier.Watchdog.Warning;

    /// <summary>Of a reload nobody hears who has not heard that the program is ready.</summary>
    public void Announce(Notice notice)
    {
        lock (_announcing)
        {
            if (_isReady || notice is not (Notice.Ready or Notice.Reloading))
            {
                Send(notice);
            }
        }
    }

    /// <summary>All workers are ready; the program is when the rest of the host has started as well, such as a port that it binds.</summary>
    public void AnnounceReady() => lifetime.ApplicationStarted.Register(() =>
    {
        lock (_announcing)
        {
            if (!_isStopping)
            {
                _isReady = true;
                Send(new Notice.Ready());
            }
        }
    });

    /// <summary>Also stops the host, where the supervisor itself began: a service that was given up.</summary>
    public void AnnounceStopping()
    {
        lock (_announcing)
        {
            _isStopping = true;
            Send(new Notice.Stopping());
        }

        StopApplication();
    }

    /// <summary>The supervisor failed: from here on nobody else says what becomes of the service.</summary>
    public void AnnounceFailure()
    {
        AnnounceStopping();
        Send(new Notice.Status("the supervisor failed; stopping"));
    }

    /// <summary>Of several hosts in one process only one speaks for it.</summary>
    private void Send(Notice notice)
    {
        if (!_isGuest)
        {
            notifier.Send(notice);
        }
    }

    /// <summary>What was said last is to arrive before the process ends.</summary>
    public void Dispose() => notifier.Flush();
}
