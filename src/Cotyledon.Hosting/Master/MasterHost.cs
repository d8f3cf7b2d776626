using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Systemd;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Master;

/// <summary>Connects the supervisor with the lifetime of its host and with the service manager.</summary>
internal sealed class MasterHost(
    IHostApplicationLifetime lifetime, MasterProcess process, ServiceManagerNotifier notifier, StoppedStart stoppedStart)
    : ISupervisedHost, IDisposable
{
    private readonly Lock _announcing = new();
    private bool _isReady;
    private bool _isStopping;

    /// <summary>
    /// The service manager; <see langword="null"/> if there is none, or if another host of this process is connected to it.
    /// </summary>
    public ServiceManager? ServiceManager => notifier.IsEnabled && !process.IsGuest ? new ServiceManager(notifier.Watchdog.Timeout) : null;

    /// <summary>A warning about an invalid variable of the service manager, or <see langword="null"/>.</summary>
    public string? ServiceManagerWarning => notifier.Watchdog.Warning;

    /// <inheritdoc cref="StoppedStart.OnDisposing"/>
    public void OnDisposing() => stoppedStart.OnDisposing();

    public CancellationTokenRegistration OnStarted(Action action) => lifetime.ApplicationStarted.Register(action);

    public CancellationTokenRegistration OnStopping(Action action) => lifetime.ApplicationStopping.Register(action);

    /// <summary>Stops the host on a new thread, because the callbacks of the stopping token are code of the program.</summary>
    public void StopApplication() => Threads.Run("cotyledon stop", lifetime.StopApplication);

    /// <summary>Sends a notice. Drops notices of reloads until the service manager knows that the program is ready.</summary>
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

    public void AnnounceStopping()
    {
        lock (_announcing)
        {
            _isStopping = true;
            Send(new Notice.Stopping());
        }

        StopApplication();
    }

    /// <summary>Announces that the supervisor has failed and cannot send notices any more.</summary>
    public void AnnounceFailure()
    {
        AnnounceStopping();
        Send(new Notice.Status("the supervisor failed; stopping"));
    }

    public void Finish(int exitCode, bool endsProcess) => process.Finish(exitCode, endsProcess);

    /// <summary>Waits for the last notice, which must arrive before the process ends.</summary>
    public void Dispose() => notifier.Flush();

    private void Send(Notice notice)
    {
        if (!process.IsGuest)
        {
            notifier.Send(notice);
        }
    }
}
