using System.Diagnostics;
using System.Globalization;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Hosting.Systemd;
using Message = Microsoft.Extensions.Hosting.Systemd.ServiceState;

namespace Cotyledon.Hosting.Systemd;

/// <summary>Tells systemd what becomes of the master: sd_notify(3).</summary>
/// <remarks>
/// READY is to come when the workers are ready, not when the host has started, as <c>AddSystemd</c> would send it. So what systemd
/// says is taken over: the variables are removed, and nobody else in this program, nor a worker, sends anything.
/// </remarks>
internal sealed class ServiceManagerNotifier
{
    private const string SocketVariable = "NOTIFY_SOCKET";

    /// <summary>What systemd says to the process that it has started. Removed when the notifier is made.</summary>
    public static readonly IReadOnlyCollection<string> Variables =
        [SocketVariable, WatchdogSettings.TimeoutVariable, WatchdogSettings.ProcessVariable];

    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);

    private static readonly Lazy<ServiceManagerNotifier> LazyInstance = new(() => new ServiceManagerNotifier());

    private readonly SystemdNotifier _notifier = new();
    private readonly List<(Type Kind, Message Message)> _waiting = [];
    private bool _isSending;
    private Thread? _thread;

    private ServiceManagerNotifier()
    {
        Watchdog = WatchdogSettings.Parse(
            Environment.GetEnvironmentVariable(WatchdogSettings.TimeoutVariable),
            Environment.GetEnvironmentVariable(WatchdogSettings.ProcessVariable),
            Environment.ProcessId);
        foreach (var name in Variables)
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    /// <summary>The one notifier of this process. The first look at it takes over what systemd says.</summary>
    public static ServiceManagerNotifier Instance => LazyInstance.Value;

    public bool IsEnabled => _notifier.IsEnabled;

    public WatchdogSettings Watchdog { get; }

    /// <summary>
    /// In order, and on a thread of its own: it waits where systemd does not read, and comes through where the program has blocked the
    /// thread pool. Of what is repeated only the last waits.
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
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "cotyledon notifier" };
                _thread.Start();
            }
        }
    }

    /// <summary>Waits a moment until all is sent.</summary>
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

        // Type=notify-reload wants the monotonic time with it: systemd.service(5).
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
            // systemd does not listen any more, or the address is none. It will say so itself; the supervision goes on.
        }
    }
}
