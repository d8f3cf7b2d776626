using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>
/// Frames on their way to the master: handed to the kernel by whoever brings them while it takes them, kept for a thread in the
/// background when it does not.
/// </summary>
/// <param name="port">Where they go.</param>
/// <param name="gate">Held by all callers but those of <see cref="Wait"/>.</param>
/// <param name="onWake">
/// Called with the lock held, by the thread in the background when it has nothing to do; may append. Returns when it wants to be called
/// again.
/// </param>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class SendQueue(ISendPort port, Lock gate, Func<TimeSpan> onWake)
{
    /// <summary>How often somebody who waits tries whether the master takes anything.</summary>
    private static readonly TimeSpan TryDelay = TimeSpan.FromMilliseconds(20);

    private readonly SendBuffer _buffer = new();
    private readonly AutoResetEvent _work = new(initialState: false);
    private readonly ManualResetEventSlim _isDrained = new(initialState: true);
    private bool _isFull;
    private bool _hasThread;

    /// <summary>The master is gone, and its log with it.</summary>
    public bool IsBroken { get; private set; }

    public bool IsEmpty => _buffer.IsEmpty;

    public int Events => _buffer.Events;

    public long Bytes => _buffer.Bytes;

    /// <summary>Where a frame ends that would be appended now, in bytes since the beginning.</summary>
    public long End => _buffer.Sent + _buffer.Bytes;

    public void Append(ReadOnlySpan<byte> frame)
    {
        if (!IsBroken)
        {
            _buffer.Append(frame);
        }
    }

    /// <summary>Sends a frame where nothing waits; what does not go, waits.</summary>
    public void SendAtOnce(ReadOnlySpan<byte> frame)
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
                _buffer.Append(frame);
            }
            else
            {
                _buffer.AppendRest(frame, sent);
            }

            LeaveToThread();
        }
    }

    /// <summary>Sends what waits, unless it is known that nothing more is taken.</summary>
    public void Push()
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

    /// <summary>
    /// Waits until everything up to this end has left the process: while the master takes anything, up to ten times the patience.
    /// </summary>
    public bool Wait(long end, TimeSpan patience)
    {
        var begin = Stopwatch.GetTimestamp();
        var (lastProgress, lastSent) = (begin, -1L);
        while (!_isDrained.Wait(patience < TryDelay ? patience : TryDelay))
        {
            // Others may go on logging, so it need not be empty.
            var sent = PushAgain();
            if (sent >= end)
            {
                break;
            }

            if (sent != lastSent)
            {
                (lastProgress, lastSent) = (Stopwatch.GetTimestamp(), sent);
            }

            if (Stopwatch.GetElapsedTime(lastProgress) >= patience || Stopwatch.GetElapsedTime(begin) >= patience * 10)
            {
                return false;
            }
        }

        return port.HasSent(patience);
    }

    /// <summary>A socket is said to be writable when most of it is free, but takes something before.</summary>
    private long PushAgain()
    {
        lock (gate)
        {
            _isFull = false;
            Push();
            return _buffer.Sent;
        }
    }

    private void Break()
    {
        IsBroken = true;
        _isFull = false;
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
        var delay = Timeout.InfiniteTimeSpan;
        while (true)
        {
            _work.WaitOne(delay);
            while (IsWaiting())
            {
                port.WaitUntilWritable();
                PushAgain();
            }

            lock (gate)
            {
                delay = onWake();
                Push();
            }
        }
    }

    private bool IsWaiting()
    {
        lock (gate)
        {
            return _isFull;
        }
    }
}
