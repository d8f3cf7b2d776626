using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>
/// Reads the frames, the standard error and the exits of all workers on one thread. The thread waits for these descriptors, and for
/// the supervisor if its queue of messages is full. On Linux with pidfd it uses no processor time while nothing happens.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ProcessWatcher : IDisposable
{
    private const int DescriptorsOfProcess = 3;

    // Limits the reading after the exit, because a grandchild may write to the inherited pipe for ever. The rest of the output of the
    // process itself fits into the pipe.
    private const int MaxDrain = 1024 * 1024;

    /// <summary>
    /// The interval at which the exit of a process without an exit descriptor is polled if its channel is closed. The kernel closes the
    /// channel of an exiting process shortly before the process can be reaped.
    /// </summary>
    private static readonly TimeSpan ExitPollDelay = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// The interval at which an exit is polled that nothing announces: that of a process without an exit descriptor whose channel a forked
    /// child keeps open, that of a process that a debugger holds, and those of killed processes that this process has inherited.
    /// </summary>
    private static readonly TimeSpan SilentExitPollDelay = TimeSpan.FromSeconds(1);

    private readonly Action<LaunchedProcess> _onExited;
    private readonly Action<SupervisorMessage> _report;
    private readonly StandardErrorRelay _relay;
    private readonly ConcurrentQueue<LaunchedProcess> _added = new();
    private readonly List<LaunchedProcess> _processes = [];
    private readonly List<int> _killedGroups = [];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly int _wakeReader;
    private readonly int _wakeWriter;
    private readonly Thread _thread;
    private PollDescriptor[] _polled = new PollDescriptor[1 + DescriptorsOfProcess];
    private volatile bool _isDisposed;

    public ProcessWatcher(Action<LaunchedProcess> onExited, Action<SupervisorMessage> report)
    {
        _onExited = onExited;
        _report = report;
        (_wakeReader, _wakeWriter) = Libc.SocketPair();
        _relay = new StandardErrorRelay(Console.OpenStandardError(), Wake);
        _thread = new Thread(Run) { IsBackground = true, Name = "cotyledon watcher" };
        _thread.Start();
    }

    public void Add(LaunchedProcess process)
    {
        _added.Enqueue(process);
        Wake();
    }

    public void Dispose()
    {
        _isDisposed = true;
        Wake();
        _thread.Join();
        _relay.Dispose();
        foreach (var process in _processes)
        {
            process.CloseAll();
        }

        _ = Libc.Close(_wakeReader);
        _ = Libc.Close(_wakeWriter);
    }

    /// <summary>Makes the thread update the list of descriptors that it waits for.</summary>
    public void Wake() => Libc.SendSome(_wakeWriter, [1]);

    private void Run()
    {
        while (!_isDisposed)
        {
            while (_added.TryDequeue(out var added))
            {
                _processes.Add(added);
            }

            var count = FillPolled();
            Libc.Poll(_polled.AsSpan(0, count), PollDelay());
            if (_polled[0].HasEvents)
            {
                Libc.Receive(_wakeReader, _buffer);
            }

            // Backwards, because an exit moves the last process to the index of the exited one.
            for (var i = _processes.Count - 1; i >= 0; i--)
            {
                HandleEvents(i);
            }

            _killedGroups.RemoveAll(ExitStatusReader.TryReapGroup);
        }
    }

    private TimeSpan? PollDelay() =>
        _processes.Exists(p => p.NeedsExitPolling) ? ExitPollDelay
        : _killedGroups.Count > 0 || _processes.Exists(p => p.AwaitedExitDescriptor < 0) ? SilentExitPollDelay
        : null;

    private int FillPolled()
    {
        var count = 1 + (_processes.Count * DescriptorsOfProcess);
        if (_polled.Length < count)
        {
            Array.Resize(ref _polled, 2 * count);
        }

        var hasRoom = _relay.HasRoom;
        _polled[0] = new PollDescriptor(_wakeReader, PollEvents.In);
        for (var i = 0; i < _processes.Count; i++)
        {
            var polled = _polled.AsSpan(1 + (i * DescriptorsOfProcess));
            polled[0] = new PollDescriptor(
                _processes[i].ChannelDescriptor, _processes[i].HasUnsent ? PollEvents.In | PollEvents.Out : PollEvents.In);
            polled[1] = new PollDescriptor(hasRoom ? _processes[i].StandardErrorDescriptor : -1, PollEvents.In);
            polled[2] = new PollDescriptor(_processes[i].AwaitedExitDescriptor, PollEvents.In);
        }

        return count;
    }

    private void HandleEvents(int index)
    {
        var process = _processes[index];
        var polled = _polled.AsSpan(1 + (index * DescriptorsOfProcess), DescriptorsOfProcess);
        if (polled[0].Returned.HasFlag(PollEvents.Out))
        {
            process.SendMore();
        }

        if ((polled[0].Returned & ~PollEvents.Out) != PollEvents.None)
        {
            ReadFrames(process);
        }

        if (polled[1].HasEvents)
        {
            ReadStandardError(process);
        }

        if (!polled[2].HasEvents && process.AwaitedExitDescriptor >= 0)
        {
            return;
        }

        if (!process.TryReap(out var status))
        {
            process.IsHeld |= polled[2].HasEvents;
            return;
        }

        _killedGroups.Add(process.ProcessId);
        _processes[index] = _processes[^1];
        _processes.RemoveAt(_processes.Count - 1);
        ReportExit(process, status);
    }

    /// <summary>Reads the remaining frames and output of the process, then reports its exit, which is its last message.</summary>
    private void ReportExit(LaunchedProcess process, ExitStatus status)
    {
        while (process.ChannelDescriptor >= 0 && ReadFrames(process))
        {
        }

        Span<PollDescriptor> polled = [new(process.StandardErrorDescriptor, PollEvents.In)];
        for (var drained = 0; drained < MaxDrain && polled[0].Descriptor >= 0 && Libc.Poll(polled, TimeSpan.Zero) > 0;)
        {
            drained += ReadStandardError(process);
            polled[0].Descriptor = process.StandardErrorDescriptor;
        }

        process.CloseAll();
        _onExited(process);
        _report(new SupervisorMessage.WorkerExited(process.Spawn, status, process.StandardErrorTail.ToLines()));
    }

    /// <returns>Whether any bytes were read.</returns>
    private bool ReadFrames(LaunchedProcess process)
    {
        var count = Libc.Receive(process.ChannelDescriptor, _buffer);
        if (count < 0 && Libc.IsTransient(Marshal.GetLastPInvokeError()))
        {
            return false;
        }

        if (count <= 0)
        {
            process.CloseChannel();
            return false;
        }

        try
        {
            process.Frames.Feed(_buffer.AsSpan(0, count));
        }
        catch (InvalidDataException e)
        {
            process.CloseChannel();
            _report(new SupervisorMessage.WorkerBrokeProtocol(process.Spawn, e.Message));
        }

        return true;
    }

    private int ReadStandardError(LaunchedProcess process)
    {
        var count = Libc.Read(process.StandardErrorDescriptor, _buffer);
        if (count <= 0)
        {
            process.CloseStandardError();
            return 0;
        }

        process.StandardErrorTail.Append(_buffer.AsSpan(0, count));
        _relay.Write(_buffer.AsSpan(0, count));
        return count;
    }
}
