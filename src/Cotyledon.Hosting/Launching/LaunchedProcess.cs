using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>A worker process on Linux or macOS: its id, its descriptors, and whether it was reaped.</summary>
/// <remarks>
/// The lock prevents a signal to an unrelated process: the kernel may reuse the id as soon as the process is reaped.
/// </remarks>
internal sealed class LaunchedProcess(int spawn, StartSettings settings, Action<SupervisorMessage> report)
{
    private readonly Lock _gate = new();
    private readonly WorkerOutbox _outbox = new();
    private bool _isKillWanted;
    private bool _isGone;
    private int _channel = -1;

    public int Spawn { get; } = spawn;

    public StartSettings Settings { get; } = settings;

    public int ProcessId { get; private set; }

    /// <summary>The master's end of the channel; -1 if it is closed.</summary>
    public int ChannelDescriptor => _channel;

    public int StandardErrorDescriptor { get; private set; } = -1;

    /// <summary>
    /// A descriptor that becomes readable at the exit (pidfd_open(2)); -1 if the system has none, or no descriptor was left.
    /// </summary>
    public int ExitDescriptor { get; private set; } = -1;

    /// <summary>
    /// Whether the process has exited and cannot be reaped yet, because another process is debugging it. Its exit descriptor stays readable
    /// for that time.
    /// </summary>
    public bool IsHeld { get; set; }

    /// <summary>The exit descriptor to wait for; -1 if the exit has to be polled.</summary>
    public int AwaitedExitDescriptor => IsHeld ? -1 : ExitDescriptor;

    /// <summary>
    /// Whether the process has no exit descriptor and its channel is closed, so that its exit can be detected only by polling.
    /// </summary>
    public bool NeedsExitPolling => ExitDescriptor < 0 && _channel < 0;

    /// <summary>Reports the messages of the worker.</summary>
    public FrameReader Frames { get; } = new(frame => WorkerFrames.Report(spawn, frame, report));

    public LineTail StandardErrorTail { get; } = new();

    public bool IsKillWanted
    {
        get
        {
            lock (_gate)
            {
                return _isKillWanted;
            }
        }
    }

    public void OnStarted(int processId, int channel, int standardError)
    {
        lock (_gate)
        {
            ProcessId = processId;
            _channel = channel;
            StandardErrorDescriptor = standardError;
            ExitDescriptor = ExitStatusReader.OpenExitDescriptor(processId);
            if (_isKillWanted)
            {
                _ = Libc.Kill(processId, Libc.SignalKill);
            }
        }
    }

    public void Kill()
    {
        lock (_gate)
        {
            _isKillWanted = true;
            Signal(Libc.SignalKill);
        }
    }

    /// <summary>Signals the process group of the worker.</summary>
    public void SignalGroup(int signal)
    {
        lock (_gate)
        {
            if (ProcessId > 0 && !_isGone)
            {
                _ = Libc.Kill(-ProcessId, signal);
            }
        }
    }

    /// <summary>Whether data waits until the channel takes more.</summary>
    public bool HasUnsent
    {
        get
        {
            lock (_gate)
            {
                return _channel >= 0 && _outbox.HasUnsent;
            }
        }
    }

    /// <summary>
    /// Sends a configuration, a frame, or a configuration and then a frame. If the channel is closed, a stop is sent as SIGTERM.
    /// </summary>
    /// <returns>Whether all data was sent. Otherwise <see cref="SendMore"/> has to be called when the channel takes more.</returns>
    public bool Send(ConfigurationImage? configuration, Frame? frame)
    {
        lock (_gate)
        {
            if (configuration is not null)
            {
                _outbox.Add(configuration);
            }

            if (frame is not null)
            {
                _outbox.Add(frame);
            }

            if (ProcessId == 0)
            {
                return true; // Sent when the process has started.
            }

            if (!Flush() && frame is Frame.Stop)
            {
                Signal(Libc.SignalTerminate);
            }

            return !_outbox.HasUnsent;
        }
    }

    /// <summary>Sends waiting data.</summary>
    public void SendMore()
    {
        lock (_gate)
        {
            Flush();
        }
    }

    /// <summary>
    /// Reaps the process if it has exited. Kills the processes that are left in its process group before that.
    /// </summary>
    public bool TryReap(out ExitStatus status)
    {
        lock (_gate)
        {
            status = default;
            if (!ExitStatusReader.HasExited(ProcessId, out var isOurs))
            {
                return false;
            }

            if (isOurs)
            {
                // Before the process, or the rest of its group, is reaped: until then, the kernel does not reuse the id of the group.
                _ = Libc.Kill(-ProcessId, Libc.SignalKill);
            }

            _isGone = ExitStatusReader.TryReap(ProcessId, out status);
            return _isGone;
        }
    }

    public void CloseChannel()
    {
        lock (_gate)
        {
            Close(_channel);
            _channel = -1;
        }
    }

    public void CloseStandardError()
    {
        Close(StandardErrorDescriptor);
        StandardErrorDescriptor = -1;
    }

    public void CloseAll()
    {
        CloseChannel();
        CloseStandardError();
        Close(ExitDescriptor);
        ExitDescriptor = -1;
    }

    private bool Flush() => _channel >= 0 && _outbox.Flush(bytes => Libc.SendSome(_channel, bytes.Span));

    private void Signal(int signal)
    {
        if (ProcessId > 0 && !_isGone)
        {
            _ = Libc.Kill(ProcessId, signal);
        }
    }

    private static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = Libc.Close(descriptor);
        }
    }
}
