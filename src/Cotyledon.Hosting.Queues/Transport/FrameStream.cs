using System.Net.Sockets;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>
/// Sends and receives frames over a stream. Writing never waits: frames that the other side does not read yet are kept in memory.
/// </summary>
/// <remarks>The callers limit the size of these frames with the help of <see cref="Unsent"/>.</remarks>
internal sealed class FrameStream(Stream stream) : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private const int MinSize = 4 * 1024;

    /// <summary>A larger buffer is not reused.</summary>
    private const int MaxKept = 1024 * 1024;

    /// <summary>Whether the reader has a thread of its own, which blocks in the system call.</summary>
    private readonly bool _blocks;

    private readonly Lock _gate = new();
    private FrameWriter _written = new(MinSize);
    private FrameWriter _sending = new(MinSize);
    private long _unsent;
    private bool _isSending;
    private bool _isBroken;

    public FrameStream(Stream stream, bool hasOwnThread)
        : this(stream) => _blocks = hasOwnThread;

    /// <summary>Handles one frame.</summary>
    public delegate void FrameHandler(FrameKind kind, ushort queue, FieldReader fields);

    /// <summary>Writes the fields of one frame.</summary>
    public delegate void FrameFiller<TState>(FrameWriter frame, TState state) where TState : allows ref struct;

    /// <summary>Called after each write to the stream, on the thread that has written. Must not wait.</summary>
    public Action? OnSent { get; init; }

    /// <summary>The bytes that were not written to the stream yet.</summary>
    public long Unsent => Volatile.Read(ref _unsent);

    /// <summary>Adds a frame, which is sent with the next <see cref="Flush"/>.</summary>
    /// <exception cref="QueueException">The frame is larger than the other side accepts; nothing was added.</exception>
    public void Write<TState>(FrameKind kind, ushort queue, TState state, FrameFiller<TState> fill)
    {
        lock (_gate)
        {
            if (_isBroken)
            {
                return;
            }

            try
            {
                fill(_written.Begin((byte)kind).UInt16(queue), state);
                if (_written.FrameLength > FrameLimits.MaxFrame)
                {
                    throw new QueueException($"A message of {_written.FrameLength} bytes cannot be sent between a worker and the master; "
                        + $"{FrameLimits.MaxFrame} bytes are allowed.");
                }
            }
            catch
            {
                // An incomplete frame would make all later frames unreadable.
                _written.Discard();
                throw;
            }

            Volatile.Write(ref _unsent, _unsent + _written.End().Length);
        }
    }

    /// <summary>Sends the frames that were written. Continues on another thread if the stream does not accept them at once.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_isSending || _isBroken || _written.Length == 0)
            {
                return;
            }

            _isSending = true;
            (_written, _sending) = (_sending, _written);
        }

        _ = SendAsync();
    }

    /// <summary>
    /// Reads frames until the connection is closed. Calls <paramref name="onBatch"/> after all frames that have arrived so far were handled.
    /// </summary>
    /// <exception cref="InvalidDataException">The other side sent a frame that is not valid.</exception>
    public async Task ReadAsync(FrameHandler handle, Action onBatch)
    {
        var buffer = new byte[BufferSize];
        var splitter = new FrameSplitter(FrameLimits.MaxFrame, (kind, fields) => handle((FrameKind)kind, fields.UInt16(), fields));
        while (await ReadSomeAsync(buffer).ConfigureAwait(false) is > 0 and var count)
        {
            splitter.Feed(buffer.AsSpan(0, count));
            onBatch();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isBroken = true;
        }

        stream.Dispose();
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> target)
    {
        try
        {
            if (!_blocks)
            {
                return await stream.ReadAsync(target).ConfigureAwait(false);
            }

            if (stream is not NetworkStream { Socket: var socket })
            {
                // A pipe on Windows. The thread must stay: the system can cancel a read whose thread has ended.
                return stream.Read(target.Span);
            }

            // Blocking saves two thread switches, compared to asynchronous sockets and the thread pool: half of the latency of an idle
            // queue.
            socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectRead);
            return socket.Receive(target.Span);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private async Task SendAsync()
    {
        while (true)
        {
            try
            {
                await stream.WriteAsync(_sending.Written).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The connection is closed. ReadAsync ends as well and reports it.
                lock (_gate)
                {
                    _isBroken = true;
                    _written.Clear(MaxKept);
                    _sending.Clear(MaxKept);
                    Volatile.Write(ref _unsent, 0);
                }

                return;
            }

            bool isDone;
            lock (_gate)
            {
                Volatile.Write(ref _unsent, _unsent - _sending.Length);
                _sending.Clear(MaxKept);
                isDone = _written.Length == 0;
                if (isDone)
                {
                    _isSending = false;
                }
                else
                {
                    (_written, _sending) = (_sending, _written);
                }
            }

            OnSent?.Invoke();
            if (isDone)
            {
                return;
            }
        }
    }
}
