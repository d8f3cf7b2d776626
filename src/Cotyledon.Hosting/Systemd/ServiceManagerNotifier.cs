using System.Diagnostics;
using System.Globalization;
using System.Text;
using Cotyledon.Hosting.Supervision;

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

    /// <summary>The time after which a notice that could not be sent is tried again.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>If nothing could be sent for this long, each notice is tried only once, so that notices do not pile up.</summary>
    private static readonly TimeSpan MaxRetryTime = TimeSpan.FromSeconds(30);

    private static readonly Lazy<ServiceManagerNotifier> LazyInstance = new(() => new ServiceManagerNotifier());

    private readonly NotifySocket? _socket;
    private readonly List<(Type Kind, byte[] Message)> _waiting = [];
    private readonly Action<ThreadStart> _startThread;
    private long? _failingSince;
    private bool _isSending;
    private bool _hasThread;

    /// <param name="startThread">Starts the thread that sends; used by tests.</param>
    public ServiceManagerNotifier(Action<ThreadStart>? startThread = null)
    {
        _startThread = startThread ?? (run => new Thread(run) { IsBackground = true, Name = "cotyledon notifier" }.Start());
        _socket = Environment.GetEnvironmentVariable(SocketVariable) is { Length: > 0 } address ? new NotifySocket(address) : null;
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

    public bool IsEnabled => _socket is not null;

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

        var (kind, message) = (notice.GetType(), Encoding.UTF8.GetBytes(TextOf(notice)));
        lock (_waiting)
        {
            if (IsRepeated(kind))
            {
                _waiting.RemoveAll(w => w.Kind == kind);
            }

            _waiting.Add((kind, message));
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

    /// <summary>Whether only the latest notice of this kind matters.</summary>
    private static bool IsRepeated(Type kind) =>
        kind == typeof(Notice.Status) || kind == typeof(Notice.Watchdog) || kind == typeof(Notice.ExtendTimeout);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Run()
    {
        while (true)
        {
            (Type Kind, byte[] Message) next;
            lock (_waiting)
            {
                _isSending = false;
                Monitor.PulseAll(_waiting);
                while (_waiting.Count == 0)
                {
                    Monitor.Wait(_waiting);
                }

                next = _waiting[0];
                _waiting.RemoveAt(0);
                _isSending = true;
            }

            if (_socket!.TrySend(next.Message))
            {
                _failingSince = null;
            }
            else
            {
                TryAgainLater(next);
            }
        }
    }

    /// <summary>
    /// Puts a notice that could not be sent back to the front, because it may not be repeated. The watchdog gets no late notice: it would not
    /// show that the supervisor runs now.
    /// </summary>
    private void TryAgainLater((Type Kind, byte[] Message) failed)
    {
        var since = _failingSince ??= Stopwatch.GetTimestamp();
        lock (_waiting)
        {
            var isOutdated = failed.Kind == typeof(Notice.Watchdog) || (IsRepeated(failed.Kind) && _waiting.Exists(w => w.Kind == failed.Kind));
            if (!isOutdated && Stopwatch.GetElapsedTime(since) < MaxRetryTime)
            {
                _waiting.Insert(0, failed);
                Monitor.Wait(_waiting, RetryDelay);
            }
        }
    }
}
