using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>
/// Sends events to the master and never waits for it. While the queue is empty, the thread that logs passes the event to the kernel itself,
/// so that the event survives a crash of this process. Events that the kernel does not accept are queued. Events that do not fit into the
/// queue are dropped and counted.
/// </summary>
internal sealed class Outbox
{
    /// <summary>The shortest time between two reports of lost events.</summary>
    private static readonly TimeSpan ReportDelay = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static EventWriter? _writer;

    private readonly OutboxLimits _limits;
    private readonly Func<LogIdentity?> _identify;
    private readonly Lock _gate = new();
    private readonly SendQueue _queue;
    private readonly TextNumbers _texts = new();
    private readonly FrameWriter _control = new();
    private LogIdentity? _announced;
    private long _lost;
    private long _reportDue;

    public Outbox(ISendPort port, OutboxLimits limits, Func<LogIdentity?> identify, Action<ThreadStart>? startThread = null)
    {
        _limits = limits;
        _identify = identify;
        _queue = new SendQueue(port, _gate, ReportWhenDue, startThread ?? StartThread);
    }

    public void Send(LogEvent logEvent)
    {
        // The writer of this thread is taken while it is in use: a value of the event may log when it is converted to text.
        var writer = _writer ?? new EventWriter();
        _writer = null;
        try
        {
            var identity = _identify();
            Send(writer.Write(logEvent, _texts, identity), writer.Undefined, identity);
        }
        finally
        {
            writer.Release();
            _writer = writer;
        }
    }

    /// <summary>Requests the level of a category from the master. Never dropped: the number of categories is limited.</summary>
    public void Ask(string category)
    {
        lock (_gate)
        {
            _queue.Append(_control.Begin(FrameKind.Category).VarText(category).End());
            _queue.Push();
        }
    }

    /// <summary>Waits until all queued events have left the process, and reports the lost ones.</summary>
    /// <param name="timeout">The longest time without progress.</param>
    /// <returns>0 if all have left the process; otherwise the number of queued events, at least 1.</returns>
    public int Flush(TimeSpan timeout)
    {
        // Not an unlimited wait: a thread that fails inside the lock still holds it while handlers of its unhandled exception run.
        if (!_gate.TryEnter(timeout))
        {
            return 1;
        }

        long end;
        try
        {
            ReportLost();
            _queue.Push();
            end = _queue.End;
        }
        finally
        {
            _gate.Exit();
        }

        return _queue.Wait(end, timeout) ? 0 : Math.Max(1, _queue.Events);
    }

    private void Send(ReadOnlySpan<byte> frame, IReadOnlyList<NumberedText> undefined, LogIdentity? identity)
    {
        lock (_gate)
        {
            if (_queue.IsBroken)
            {
                return;
            }

            if (!HasRoomFor(frame.Length))
            {
                // Has an effect only if the system has refused the background thread.
                _queue.Push();
            }

            if (!HasRoomFor(frame.Length))
            {
                _lost++;
                return;
            }

            if (_queue.IsEmpty && undefined.Count == 0 && _lost == 0 && ReferenceEquals(identity, _announced))
            {
                _queue.SendAtOnce(frame);
                return;
            }

            Announce(identity);
            Define(undefined);
            ReportWhenDue();
            _queue.Append(frame);
            _queue.Push();
        }
    }

    private static void StartThread(ThreadStart run) => new Thread(run) { IsBackground = true, Name = "cotyledon log" }.UnsafeStart();

    private bool HasRoomFor(int size) =>
        _queue.IsEmpty || (_queue.Events < _limits.Events && _queue.Bytes + size <= _limits.Bytes);

    private void Announce(LogIdentity? identity)
    {
        if (ReferenceEquals(identity, _announced) || identity is null)
        {
            return;
        }

        _announced = identity;
        _control.Begin(FrameKind.Identity)
            .VarText(identity.Service ?? "")
            .VarSigned(identity.WorkerId)
            .VarSigned(identity.Incarnation)
            .VarSigned(identity.ProcessId);
        _queue.Append(_control.End());
    }

    private void Define(IReadOnlyList<NumberedText> texts)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            var text = texts[i];
            if (!text.IsDefined)
            {
                text.IsDefined = true;
                _queue.Append(_control.Begin(FrameKind.Define).VarNumber((ulong)text.Number).VarText(text.Text).End());
            }
        }
    }

    /// <summary>Reports lost events, if the previous report is long enough ago.</summary>
    /// <returns>The time until the next report is due; infinite if nothing is left to report.</returns>
    private TimeSpan ReportWhenDue()
    {
        if (_lost == 0)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var left = _reportDue - Environment.TickCount64;
        if (left > 0)
        {
            return TimeSpan.FromMilliseconds(left);
        }

        ReportLost();
        return Timeout.InfiniteTimeSpan;
    }

    private void ReportLost()
    {
        if (_lost > 0)
        {
            _queue.Append(_control.Begin(FrameKind.Lost).VarNumber((ulong)_lost).End());
            _lost = 0;
            _reportDue = Environment.TickCount64 + (long)ReportDelay.TotalMilliseconds;
        }
    }
}

/// <summary>The limits of the queue in a worker.</summary>
internal readonly record struct OutboxLimits(int Events, long Bytes);
