using Cotyledon.Hosting.Serilog.Wire;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>
/// Sends events to the master and never waits for it. While nothing waits, the thread that logs hands the event to the kernel itself,
/// so that it survives whatever this process does next. What the kernel does not take waits here; what does not fit here is lost and
/// counted.
/// </summary>
internal sealed class Outbox
{
    /// <summary>Between two reports of lost events.</summary>
    private static readonly TimeSpan ReportDelay = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static EventWriter? _writer;

    private readonly OutboxLimits _limits;
    private readonly Func<LogIdentity?> _identify;
    private readonly Lock _gate = new();
    private readonly SendQueue _queue;
    private readonly TextNumbers _texts = new();
    private readonly FrameWriter _notes = new();
    private LogIdentity? _announced;
    private long _lost;
    private long _reportDue;

    public Outbox(ISendPort port, OutboxLimits limits, Func<LogIdentity?> identify)
    {
        _limits = limits;
        _identify = identify;
        _queue = new SendQueue(port, _gate, ReportWhenDue);
    }

    /// <summary>Sends an event, now or later, or counts it as lost.</summary>
    public void Send(LogEvent logEvent)
    {
        // What an event is made of may log itself while it is written.
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

    /// <summary>Asks the master for the level of a category. Never lost: there are not many.</summary>
    public void Ask(string category)
    {
        lock (_gate)
        {
            _queue.Append(_notes.Begin(FrameKind.Category).Text(category).End());
            _queue.Push();
        }
    }

    /// <summary>Waits until all that waits now has left the process, the report of what was lost included.</summary>
    /// <param name="patience">How long the master may take nothing at all.</param>
    /// <returns>How many events still wait because it took longer; 0 when none do.</returns>
    public int Flush(TimeSpan patience)
    {
        // A thread that fails inside of the lock has it while the handlers of its exception run.
        if (!_gate.TryEnter(patience))
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

        return _queue.Wait(end, patience) ? 0 : Math.Max(1, WaitingEvents());
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

    private bool HasRoomFor(int size) =>
        _queue.IsEmpty || (_queue.Events < _limits.Events && _queue.Bytes + size <= _limits.Bytes);

    private void Announce(LogIdentity? identity)
    {
        if (ReferenceEquals(identity, _announced) || identity is null)
        {
            return;
        }

        _announced = identity;
        _notes.Begin(FrameKind.Identity)
            .Text(identity.Service ?? "")
            .Signed(identity.WorkerId)
            .Signed(identity.Incarnation)
            .Signed(identity.ProcessId);
        _queue.Append(_notes.End());
    }

    private void Define(IReadOnlyList<NumberedText> texts)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            var text = texts[i];
            if (!text.IsDefined)
            {
                text.IsDefined = true;
                _queue.Append(_notes.Begin(FrameKind.Define).Number((ulong)text.Number).Text(text.Text).End());
            }
        }
    }

    /// <summary>Says what was lost, unless that was done a moment ago; returns how long until then.</summary>
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
            _queue.Append(_notes.Begin(FrameKind.Lost).Number((ulong)_lost).End());
            _lost = 0;
            _reportDue = Environment.TickCount64 + (long)ReportDelay.TotalMilliseconds;
        }
    }

    private int WaitingEvents()
    {
        lock (_gate)
        {
            return _queue.Events;
        }
    }
}

/// <summary>How much may wait in a worker.</summary>
internal readonly record struct OutboxLimits(int Events, long Bytes);
