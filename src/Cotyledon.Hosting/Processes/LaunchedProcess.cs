using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Processes;

/// <summary>A started process, as the kernel knows it: id, descriptors, and whether its exit was collected.</summary>
/// <remarks>
/// The lock keeps a signal from reaching a stranger: the id is free for others the moment the exit is collected.
/// </remarks>
internal sealed class LaunchedProcess(int spawn, StartSettings settings)
{
    private readonly Lock _gate = new();
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

    public FrameReader Frames { get; } = new();

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

    /// <summary>Sends a frame; where that is impossible asks for a graceful stop by SIGTERM, if that is what is wanted.</summary>
    public void Send(ReadOnlySpan<byte> frame, bool orTerminate)
    {
        lock (_gate)
        {
            if ((_channel < 0 || !Libc.Send(_channel, frame)) && orTerminate)
            {
                Signal(Libc.SignalTerminate);
            }
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
            if (!ExitStatusReader.HasExited(ProcessId))
            {
                return false;
            }

            // Before the exit is collected: as long as it is not, the number of the group belongs to nobody else.
            _ = Libc.Kill(-ProcessId, Libc.SignalKill);
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
