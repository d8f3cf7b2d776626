using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>
/// Sends frames to the master. The calling thread passes them to the kernel while it accepts them; otherwise they are queued, and a
/// background thread sends them.
/// </summary>
/// <param name="port">The connection.</param>
/// <param name="gate">The lock that all callers hold, except those of <see cref="Wait"/>.</param>
/// <param name="onWake">
/// Called by the background thread, with the lock held, when the queue is not full; may append frames. Returns the time after which it is
/// to be called again.
/// </param>
/// <param name="startThread">Starts the background thread.</param>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class SendQueue(ISendPort port, Lock gate, Func<TimeSpan> onWake, Action<ThreadStart> startThread)
{
    /// <summary>The interval at which <see cref="Wait"/> tries to send.</summary>
    private static readonly TimeSpan TryDelay = TimeSpan.FromMilliseconds(20);

    private readonly SendBuffer _buffer = new();
    private readonly AutoResetEvent _work = new(initialState: false);
    private readonly ManualResetEventSlim _isDrained = new(initialState: true, spinCount: 0);
    private volatile bool _isFull;
    private bool _hasThread;

    /// <summary>True when the connection is closed: frames are discarded then.</summary>
    public bool IsBroken { get; private set; }

    public bool IsEmpty => _buffer.IsEmpty;

    public int Events => _buffer.Events;

    public long Bytes => _buffer.Bytes;

    /// <summary>The end of the queued frames, in bytes since the start.</summary>
    public long End => _buffer.Sent + _buffer.Bytes;

    public void Append(ReadOnlySpan<byte> frame)
    {
        if (!IsBroken)
        {
            _buffer.Append(frame);
        }
    }

    /// <summary>Sends a frame while the queue is empty. The part that is not accepted is queued.</summary>
    public void SendAtOnce(ReadOnlySpan<byte> frame)
    {
        var sent = port.TrySend(frame);
        if (sent < 0)
        {
            Break();
        }
        else if (sent < frame.Length)
        {
            _buffer.AppendRest(frame, sent);
            LeaveToThread();
        }
    }

    /// <summary>Sends queued frames, unless the kernel is known to accept none.</summary>
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
    /// Waits until everything up to <paramref name="end"/> has left the process. The wait ends after <paramref name="timeout"/> without
    /// progress, and after ten times <paramref name="timeout"/> in any case.
    /// </summary>
    public bool Wait(long end, TimeSpan timeout)
    {
        var begin = Stopwatch.GetTimestamp();
        var (lastProgress, lastSent) = (begin, -1L);
        while (!_isDrained.Wait(timeout < TryDelay ? timeout : TryDelay))
        {
            // Not until the queue is empty: other threads may go on logging.
            var sent = PushAgain();
            if (sent >= end)
            {
                break;
            }

            if (sent != lastSent)
            {
                (lastProgress, lastSent) = (Stopwatch.GetTimestamp(), sent);
            }

            if (Stopwatch.GetElapsedTime(lastProgress) >= timeout || Stopwatch.GetElapsedTime(begin) >= timeout * 10)
            {
                return false;
            }
        }

        return port.HasSent(timeout);
    }

    /// <summary>
    /// Tries to send, even if the socket is not reported as writable: that needs a large part of its buffer to be free, but a send succeeds
    /// earlier.
    /// </summary>
    /// <returns>The number of bytes sent from the queue since the start.</returns>
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
        _isDrained.Reset();
        if (!_hasThread)
        {
            try
            {
                startThread(SendOn);
            }
            catch (OutOfMemoryException)
            {
                // The system refuses a new thread. The field _isFull stays false, so the next event tries again to send and to start the thread.
                return;
            }

            _hasThread = true;
        }

        _isFull = true;
        _work.Set();
    }

    private void SendOn()
    {
        var delay = Timeout.InfiniteTimeSpan;
        while (true)
        {
            _work.WaitOne(delay);
            while (_isFull)
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
}
