using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>A started process, as the kernel knows it: id, descriptors, and whether its exit was collected.</summary>
/// <remarks>
/// The lock keeps a signal from reaching a stranger: the id is free for others the moment the exit is collected.
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

    /// <summary>Our end of the channel; -1 when closed.</summary>
    public int ChannelDescriptor => _channel;

    public int StandardErrorDescriptor { get; private set; } = -1;

    /// <summary>
    /// Becomes readable at the exit (pidfd_open(2)); -1 where the system has no such thing, or no descriptor was left for it.
    /// </summary>
    public int ExitDescriptor { get; private set; } = -1;

    /// <summary>Whether it has closed its channel, which only its end does, and nothing will tell when its exit can be collected.</summary>
    public bool IsDyingUnseen => ExitDescriptor < 0 && _channel < 0;

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

    public void HasStarted(int processId, int channel, int standardError)
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

    /// <summary>Whether something is to be sent as soon as the channel takes it.</summary>
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
    /// Sends a configuration, a frame, or the one before the other; where the channel is gone asks for a graceful stop by SIGTERM, if
    /// that is what the frame says.
    /// </summary>
    /// <returns>Whether all was sent; otherwise <see cref="SendMore"/> continues when the channel takes more.</returns>
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
                return true; // It is sent when the process has started.
            }

            if (!Flush() && frame is Frame.Stop)
            {
                Signal(Libc.SignalTerminate);
            }

            return !_outbox.HasUnsent;
        }
    }

    /// <summary>Sends more of what is waiting.</summary>
    public void SendMore()
    {
        lock (_gate)
        {
            Flush();
        }
    }

    /// <summary>
    /// Collects the exit, where there is one. What the process started itself, and left behind in its process group, ends with it.
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
                // Before the exit is collected: as long as it is not, the number of the group belongs to no other.
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
