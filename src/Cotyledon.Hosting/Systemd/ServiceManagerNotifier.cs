using System.Diagnostics;
using System.Globalization;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Hosting.Systemd;
using Message = Microsoft.Extensions.Hosting.Systemd.ServiceState;

namespace Cotyledon.Hosting.Systemd;

/// <summary>Notifies systemd of the state of the master: sd_notify(3).</summary>
/// <remarks>
/// READY must be sent when the workers are ready. <c>AddSystemd</c> would send it when the host has started, so the environment variables
/// of systemd are removed, and neither other code of this program nor a worker sends notices.
/// </remarks>
internal sealed class ServiceManagerNotifier
{
    private const string SocketVariable = "NOTIFY_SOCKET";

    /// <summary>The environment variables of systemd. Removed when the notifier is created.</summary>
    public static readonly IReadOnlyCollection<string> Variables =
        [SocketVariable, WatchdogSettings.TimeoutVariable, WatchdogSettings.ProcessVariable];

    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);

    private static readonly Lazy<ServiceManagerNotifier> LazyInstance = new(() => new ServiceManagerNotifier());

    private readonly SystemdNotifier _notifier = new();
    private readonly List<(Type Kind, Message Message)> _waiting = [];
    private readonly Action<ThreadStart> _startThread;
    private bool _isSending;
    private bool _hasThread;

    /// <param name="startThread">Starts the thread that sends; used by tests.</param>
    public ServiceManagerNotifier(Action<ThreadStart>? startThread = null)
    {
        _startThread = startThread ?? (run => new Thread(run) { IsBackground = true, Name = "cotyledon notifier" }.Start());
        Watchdog = WatchdogSettings.Parse(
            Environment.GetEnvironmentVariable(WatchdogSettings.TimeoutVariable),
            Environment.GetEnvironmentVariable(WatchdogSettings.ProcessVariable),
            Environment.ProcessId);
        foreach (var name in Variables)
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    /// <summary>The notifier of this process. The first access reads and removes the environment variables of systemd.</summary>
    public static ServiceManagerNotifier Instance => LazyInstance.Value;

    public bool IsEnabled => _notifier.IsEnabled;

    public WatchdogSettings Watchdog { get; }

    /// <summary>
    /// Sends a notice. Notices are sent in order on their own thread, because sending blocks while systemd does not read, and because the
    /// program may block the thread pool. Of the waiting notices of a repeated kind, only the latest is sent.
    /// </summary>
    public void Send(Notice notice)
    {
        if (!IsEnabled)
        {
            return;
        }

        var message = new Message(TextOf(notice));
        lock (_waiting)
        {
            if (notice is Notice.Status or Notice.Watchdog or Notice.ExtendTimeout)
            {
                _waiting.RemoveAll(w => w.Kind == notice.GetType());
            }

            _waiting.Add((notice.GetType(), message));
            Monitor.PulseAll(_waiting);
            if (!_hasThread)
            {
                try
                {
                    _startThread(Run);
                    _hasThread = true;
                }
                catch (OutOfMemoryException)
                {
                    // The system refuses a new thread. The next notice tries again, and this one is then sent before it.
                }
            }
        }
    }

    /// <summary>Waits until all notices are sent, for one second at most.</summary>
    public void Flush()
    {
        lock (_waiting)
        {
            var start = Stopwatch.GetTimestamp();
            while (_waiting.Count > 0 || _isSending)
            {
                var left = FlushTimeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_waiting, left))
                {
                    return;
                }
            }
        }
    }

    private static string TextOf(Notice notice) => notice switch
    {
        Notice.Ready => "READY=1",
        Notice.Stopping => "STOPPING=1",
        Notice.Watchdog => "WATCHDOG=1",
        Notice.Status status => $"STATUS={status.Text}",
        Notice.ExtendTimeout extend => Invariant($"EXTEND_TIMEOUT_USEC={(long)extend.Time.TotalMicroseconds}"),

        // Type=notify-reload requires the monotonic time: systemd.service(5).
        Notice.Reloading => Invariant($"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}"),
        _ => throw new UnreachableException(),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Run()
    {
        while (true)
        {
            Message message;
            lock (_waiting)
            {
                _isSending = false;
                Monitor.PulseAll(_waiting);
                while (_waiting.Count == 0)
                {
                    Monitor.Wait(_waiting);
                }

                message = _waiting[0].Message;
                _waiting.RemoveAt(0);
                _isSending = true;
            }

            Send(message);
        }
    }

    private void Send(Message message)
    {
        try
        {
            _notifier.Notify(message);
        }
        catch (Exception)
        {
            // systemd does not read any more, or the address is invalid. The supervision continues without notices.
        }
    }
}
