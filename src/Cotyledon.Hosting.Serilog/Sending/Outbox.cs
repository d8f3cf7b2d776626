using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Serilog.Wire;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>
/// Sends events to the master and never waits for it. While nothing waits, the thread that logs hands the event to the kernel itself,
/// so that it survives whatever this process does next. What the kernel does not take waits here for one thread in the background;
/// what does not fit here is lost and counted.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class Outbox(ISendPort port, OutboxLimits limits, Func<LogIdentity?> identify)
{
    /// <summary>Between two reports of lost events.</summary>
    private static readonly TimeSpan ReportDelay = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static EventWriter? _writer;

    private readonly Lock _gate = new();
    private readonly TextNumbers _texts = new();
    private readonly FrameWriter _notes = new();
    private readonly SendBuffer _buffer = new();
    private readonly AutoResetEvent _work = new(initialState: false);
    private readonly ManualResetEventSlim _isDrained = new(initialState: true);
    private LogIdentity? _announced;
    private bool _isFull;
    private bool _isBroken;
    private bool _hasThread;
    private long _lost;
    private long _reportDue;

    /// <summary>Sends an event, now or later, or counts it as lost.</summary>
    public void Send(LogEvent logEvent)
    {
        // What an event is made of may log itself while it is written.
        var writer = _writer ?? new EventWriter();
        _writer = null;
        try
        {
            var identity = identify();
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
            Append(_notes.Begin(FrameKind.Category).Text(category).End());
            Push();
        }
    }

    /// <summary>Waits until everything has left the process, the report of what was lost included.</summary>
    /// <returns>Whether it has.</returns>
    public bool Flush(TimeSpan timeout)
    {
        var begin = Stopwatch.GetTimestamp();
        if (!_gate.TryEnter(timeout))
        {
            return false;
        }

        try
        {
            ReportLost();
            Push();
        }
        finally
        {
            _gate.Exit();
        }

        return _isDrained.Wait(Left()) && port.HasSent(Left());

        TimeSpan Left() => TimeSpan.FromTicks(Math.Max(0, (timeout - Stopwatch.GetElapsedTime(begin)).Ticks));
    }

    private void Send(ReadOnlySpan<byte> frame, IReadOnlyList<NumberedText> undefined, LogIdentity? identity)
    {
        lock (_gate)
        {
            if (_isBroken)
            {
                return;
            }

            if (!HasRoomFor(frame.Length))
            {
                _lost++;
                return;
            }

            if (_buffer.IsEmpty && undefined.Count == 0 && _lost == 0 && ReferenceEquals(identity, _announced))
            {
                SendAtOnce(frame);
                return;
            }

            Announce(identity, undefined);
            if (IsReportDue())
            {
                ReportLost();
            }

            Append(frame);
            Push();
        }
    }

    private bool HasRoomFor(int size) =>
        _buffer.IsEmpty || (_buffer.Events < limits.Events && _buffer.Bytes + size <= limits.Bytes);

    private void SendAtOnce(ReadOnlySpan<byte> frame)
    {
        var sent = port.TrySend(frame);
        if (sent < 0)
        {
            Break();
        }
        else if (sent < frame.Length)
        {
            if (sent == 0)
            {
                Append(frame);
            }
            else
            {
                _buffer.AppendRest(frame, sent);
            }

            LeaveToThread();
        }
    }

    private void Announce(LogIdentity? identity, IReadOnlyList<NumberedText> undefined)
    {
        if (!ReferenceEquals(identity, _announced) && identity is not null)
        {
            _announced = identity;
            _notes.Begin(FrameKind.Identity)
                .Text(identity.Service ?? "")
                .Signed(identity.WorkerId)
                .Signed(identity.Incarnation)
                .Signed(identity.ProcessId);
            Append(_notes.End());
        }

        for (var i = 0; i < undefined.Count; i++)
        {
            var text = undefined[i];
            if (!text.IsDefined)
            {
                text.IsDefined = true;
                Append(_notes.Begin(FrameKind.Define).Number((ulong)text.Number).Text(text.Text).End());
            }
        }
    }

    private void Append(ReadOnlySpan<byte> frame)
    {
        if (!_isBroken)
        {
            _buffer.Append(frame);
        }
    }

    private bool IsReportDue() => _lost > 0 && Environment.TickCount64 >= _reportDue;

    private void ReportLost()
    {
        if (_lost > 0)
        {
            Append(_notes.Begin(FrameKind.Lost).Number((ulong)_lost).End());
            _lost = 0;
            _reportDue = Environment.TickCount64 + (long)ReportDelay.TotalMilliseconds;
        }
    }

    /// <summary>Sends what waits, unless it is known that nothing more is taken.</summary>
    private void Push()
    {
        if (_isFull)
        {
            return;
        }

        while (!_buffer.IsEmpty)
        {
            var sent = port.TrySend(_buffer.Head);
            if (sent < 0)
            {
                Break();
                return;
            }

            if (sent == 0)
            {
                LeaveToThread();
                return;
            }

            _buffer.Advance(sent);
        }

        _isDrained.Set();
    }

    /// <summary>The master is gone, and its log with it.</summary>
    private void Break()
    {
        _isBroken = true;
        _isFull = false;
        _lost = 0;
        _buffer.Clear();
        _isDrained.Set();
    }

    private void LeaveToThread()
    {
        _isFull = true;
        _isDrained.Reset();
        _work.Set();
        if (!_hasThread)
        {
            _hasThread = true;
            new Thread(SendOn) { IsBackground = true, Name = "cotyledon log" }.UnsafeStart();
        }
    }

    private void SendOn()
    {
        while (true)
        {
            _work.WaitOne(TimeToReport());
            while (IsWaiting())
            {
                port.WaitUntilWritable();
                lock (_gate)
                {
                    _isFull = false;
                    Push();
                }
            }

            lock (_gate)
            {
                if (IsReportDue())
                {
                    ReportLost();
                    Push();
                }
            }
        }
    }

    private bool IsWaiting()
    {
        lock (_gate)
        {
            return _isFull;
        }
    }

    private TimeSpan TimeToReport()
    {
        lock (_gate)
        {
            return _lost == 0
                ? Timeout.InfiniteTimeSpan
                : TimeSpan.FromMilliseconds(Math.Max(0, _reportDue - Environment.TickCount64));
        }
    }
}

/// <summary>How much may wait in a worker.</summary>
internal readonly record struct OutboxLimits(int Events, long Bytes);
