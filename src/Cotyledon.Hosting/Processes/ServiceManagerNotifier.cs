using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace Cotyledon.Hosting.Processes;

/// <summary>Tells systemd what becomes of the master: sd_notify(3).</summary>
/// <remarks>
/// READY is to come when the workers are ready, not when the host has started, as <c>AddSystemd</c> would send it. So the socket
/// is taken over: its variable is removed, and nobody else in this program, nor a worker, sends anything.
/// </remarks>
internal sealed class ServiceManagerNotifier
{
    private const string SocketVariable = "NOTIFY_SOCKET";

    private static readonly Lazy<ServiceManagerNotifier> LazyInstance = new(() => new ServiceManagerNotifier());

    private readonly SystemdNotifier _notifier = new();
    private Task _sending = Task.CompletedTask;

    private ServiceManagerNotifier() => Environment.SetEnvironmentVariable(SocketVariable, null);

    /// <summary>The one notifier of this process. The first look at it takes the socket over.</summary>
    public static ServiceManagerNotifier Instance => LazyInstance.Value;

    public void Ready() => Notify(ServiceState.Ready);

    /// <summary>A reload has begun; <see cref="Ready"/> ends it. Type=notify-reload wants the monotonic time with it.</summary>
    public void Reloading()
    {
        var microseconds = Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
        Notify(new ServiceState(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}")));
    }

    public void Stopping() => Notify(ServiceState.Stopping);

    /// <summary>In order, and off the caller's thread: it waits where systemd does not read.</summary>
    private void Notify(ServiceState state)
    {
        lock (_notifier)
        {
            _sending = _sending.ContinueWith(
                _ => Send(state), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Send(ServiceState state)
    {
        try
        {
            _notifier.Notify(state);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // systemd does not listen any more; it will say so itself.
        }
    }
}
