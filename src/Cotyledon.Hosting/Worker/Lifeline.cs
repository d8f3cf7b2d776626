using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Worker;

/// <summary>
/// Connects this process to its master. Its own thread reads the channel, starting before the host is built. The thread handles the
/// messages of the master, detects that the master has exited, and ends the process at the graceful timeout even if the thread pool or code
/// of the program is blocked. It starts the timer of the lease (<see cref="KillTimer"/>).
/// </summary>
/// <remarks>
/// <c>PR_SET_PDEATHSIG</c> is not used, because the kernel sends that signal when the <i>thread</i> that started the worker ends
/// (prctl(2)).
/// </remarks>
internal sealed class Lifeline : IMasterLink
{
    private const string LeasePrefix = Protocol.LeaseName + "=";

    private static readonly Lazy<Lifeline?> LazyCurrent = new(Connect);

    private readonly ChannelEnd _channel;
    private readonly Lock _gate = new();
    private readonly FrameReader _frames;
    private readonly byte[] _buffer = new byte[Protocol.MaxFrameSize];
    private readonly UsableTime _usable = new(TimeProvider.System, detectsPauses: true);
    private readonly WorkerEnd _end;
    private readonly SharedLease? _lease;
    private WorkerService? _service;
    private Frame.Assign? _assignment;
    private long _warmUpDue = long.MaxValue;
    private long _startupMemoryDue = long.MaxValue;
    private int _isArmed;

    private Lifeline(ChannelEnd channel, SharedLease? lease)
    {
        (_channel, _lease) = (channel, lease);
        _frames = new FrameReader(Handle);
        _end = new WorkerEnd(() => Assignment, Say);
    }

    /// <summary>
    /// The lifeline of this worker, or <see langword="null"/> in a process that no master has started. Does not read before
    /// <see cref="Arm"/>.
    /// </summary>
    public static Lifeline? Current => LazyCurrent.Value;

    /// <summary>The assignment of this process, or <see langword="null"/> while it has no worker id.</summary>
    public Frame.Assign? Assignment => Volatile.Read(ref _assignment);

    /// <summary>Receives the configuration of the master.</summary>
    public ConfigurationReceiver Configuration { get; } = new();

    /// <summary>
    /// Sends the hello, unless the worker is leaving. From then on the service receives the messages of the master; a stop can come before an
    /// assignment.
    /// </summary>
    /// <returns>Whether the hello was sent.</returns>
    public bool SayHello(WorkerService service)
    {
        lock (_gate)
        {
            if (_end.Cause is not null)
            {
                return false;
            }

            _service = service;
        }

        Say(new Frame.Hello(Protocol.Version, Frame.Hello.BuildOfThisProcess));
        Volatile.Write(ref _warmUpDue, Now + (long)WarmUp.Delay.TotalMilliseconds);
        Volatile.Write(ref _startupMemoryDue, Now + (long)StartupMemory.Delay.TotalMilliseconds);
        _channel.Interrupt();
        return true;
    }

    public void Say(Frame frame)
    {
        if (frame is Frame.Alive or Frame.ReplaceMe or Frame.ReloadMe && _channel.IsCongested)
        {
            return; // The socket must have room for the reason of the exit.
        }

        var bytes = new FrameWriter(64);
        FrameCodec.Write(bytes, frame);
        _channel.Write(bytes.Written.Span);
    }

    public bool Leave(StopCause cause)
    {
        lock (_gate)
        {
            if (_service is null && _end.Cause is null)
            {
                // The host has not started this service yet, so it has no worker to stop.
                SayReason(cause);
                Termination.ExitNow(cause.ExitCode ?? 0);
            }

            if (!_end.TryBegin(cause))
            {
                return false;
            }
        }

        SayReason(cause);
        _channel.Interrupt();
        _service!.OnStop(cause);
        return true;
    }

    private void SayReason(StopCause cause)
    {
        if (cause.Reason is { } reason)
        {
            Say(new Frame.Leaving(reason, cause.Detail ?? ""));
        }
    }

    public void ReportExit(int exitCode, WorkerExitReason? reason, string detail)
    {
        if (_end.TrySetExitCode(exitCode) && reason is { } known)
        {
            Say(new Frame.Leaving(known, detail));
        }
    }

    private static Lifeline? Connect()
    {
        if (Environment.GetEnvironmentVariable(Protocol.ChannelVariable) is not { Length: > 0 } name)
        {
            return null;
        }

        // Removed so that a program that this worker starts, perhaps this program again, does not use the channel.
        Environment.SetEnvironmentVariable(Protocol.ChannelVariable, null);
        var names = name.Split(',');
        MainThread.Remember();
        var lease = names.FirstOrDefault(n => n.StartsWith(LeasePrefix, StringComparison.Ordinal));
        var lifeline = new Lifeline(ChannelEnd.Open(names[0]), lease is null ? null : SharedLease.Open(lease[LeasePrefix.Length..]));
        SideChannels.Keep(names.Skip(1).Where(n => n != lease));
        return lifeline;
    }

    /// <summary>Starts to read the channel, and registers handlers for signals and for the exit. Further calls have no effect.</summary>
    public void Arm()
    {
        if (Interlocked.Exchange(ref _isArmed, 1) != 0)
        {
            return;
        }

        WorkerSignals.Register(reload: () => Say(Frame.ReloadMe.Instance), stop: () => Leave(StopCause.Terminated));
        AppDomain.CurrentDomain.UnhandledException += (_, e) =>
            Say(new Frame.Leaving(WorkerExitReason.Faulted, ExceptionText.Of(e.ExceptionObject as Exception)));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => _end.OnProcessExit();
        new Thread(Listen) { IsBackground = true, Name = "cotyledon lifeline" }.Start();
    }

    private void Listen()
    {
        while (true)
        {
            var now = (long)_usable.Advance(TimeSpan.Zero).TotalMilliseconds;
            _end.Check(now);
            if (now >= Volatile.Read(ref _warmUpDue))
            {
                BeginWarmUp();
            }

            if (now >= Volatile.Read(ref _startupMemoryDue))
            {
                Volatile.Write(ref _startupMemoryDue, long.MaxValue);
                StartupMemory.Release();
            }

            var count = Read(TimeLeft(now));
            if (count == 0)
            {
                _end.OnMasterGone();
                Leave(StopCause.MasterGone);
            }

            _frames.Feed(_buffer.AsSpan(0, Math.Max(count, 0)));
        }
    }

    /// <summary>The time in milliseconds, without pauses of this process.</summary>
    private long Now => (long)_usable.Now.TotalMilliseconds;

    /// <summary>Waits for bytes from the master. Waits in slices, so that a pause of this process can be detected.</summary>
    private int Read(TimeSpan? timeout)
    {
        var slice = timeout is { } left ? _usable.SliceOf(left) : (TimeSpan?)null;
        var count = _channel.Read(_buffer, slice);
        _usable.Advance(slice ?? Timeout.InfiniteTimeSpan);
        return count;
    }

    private void BeginWarmUp()
    {
        Volatile.Write(ref _warmUpDue, long.MaxValue);
        if (_assignment is null)
        {
            _service!.OnWaiting();
        }
    }

    private void Handle(Frame frame)
    {
        switch (frame)
        {
            case Frame.Assign assign:
                if (assign.LeaseEnd is { } end)
                {
                    KillTimer.Start(end, _lease!);
                }

                lock (_gate)
                {
                    if (_end.Cause is null)
                    {
                        _assignment = assign;
                        _service!.OnAssigned(assign);
                    }

                    // Otherwise the worker is already leaving, and ignores the assignment.
                }

                break;
            case Frame.Stop:
                Leave(StopCause.Requested);
                break;
            case Frame.Update update:
                lock (_gate)
                {
                    _assignment = _assignment is { } present ? present with { GracefulTimeout = update.GracefulTimeout } : null;
                }

                _service!.OnUpdate(update);
                break;
            case Frame.ConfigurationPart part:
                if (Configuration.Take(part))
                {
                    _service?.OnConfiguration();
                }

                break;
            case Frame.Reload:
                _service!.OnReload();
                break;
        }
    }

    private TimeSpan? TimeLeft(long now)
    {
        var next = Math.Min(_end.NextCheck(now), Math.Min(Volatile.Read(ref _warmUpDue), Volatile.Read(ref _startupMemoryDue)));
        return next == long.MaxValue ? null : TimeSpan.FromMilliseconds(Math.Max(0, next - now));
    }
}
