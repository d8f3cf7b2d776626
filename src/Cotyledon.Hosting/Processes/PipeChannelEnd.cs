using System.Diagnostics.CodeAnalysis;
using System.IO.Pipes;

namespace Cotyledon.Hosting.Processes;

/// <summary>The worker's end of a named pipe, on Windows. Not tested yet.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class PipeChannelEnd : ChannelEnd
{
    private readonly NamedPipeClientStream _pipe;
    private readonly ManualResetEvent _interrupted = new(false);
    private readonly Lock _writing = new();
    private readonly byte[] _buffer = new byte[4096];
    private Task<int>? _reading;
    private bool _isClosed;

    public PipeChannelEnd(string name)
    {
        _pipe = Connect(name);
    }

    public static NamedPipeClientStream Connect(string name)
    {
        var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            pipe.Connect(TimeSpan.FromSeconds(10));
            return pipe;
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            pipe.Dispose();
            throw new InvalidOperationException($"The pipe '{name}' of the master cannot be opened.", e);
        }
    }

    public override int Read(Span<byte> buffer, TimeSpan? timeout)
    {
        if (!_isClosed)
        {
            _reading ??= _pipe.ReadAsync(_buffer, 0, Math.Min(_buffer.Length, buffer.Length));
        }

        var handles = _isClosed
            ? [_interrupted]
            : new WaitHandle[] { _interrupted, ((IAsyncResult)_reading!).AsyncWaitHandle };
        var signaled = WaitHandle.WaitAny(handles, timeout ?? Timeout.InfiniteTimeSpan);
        if (signaled != 1)
        {
            _interrupted.Reset();
            return -1;
        }

        var count = _reading!.IsCompletedSuccessfully ? _reading.Result : 0;
        _reading = null;
        _isClosed = count == 0;
        _buffer.AsSpan(0, count).CopyTo(buffer);
        return count;
    }

    public override void Interrupt() => _interrupted.Set();

    public override void Write(ReadOnlySpan<byte> frame)
    {
        lock (_writing)
        {
            try
            {
                _pipe.Write(frame);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The master has exited, which Read detects.
            }
        }
    }
}
