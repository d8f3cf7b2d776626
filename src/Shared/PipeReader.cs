using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>Reads a pipe on Windows without the thread pool. Not thread-safe.</summary>
[SupportedOSPlatform("windows")]
internal sealed class PipeReader(SafeHandle pipe, int size) : IDisposable
{
    private readonly PipeOperation _read = new(pipe, size);
    private bool _isClosed;

    /// <summary>Signaled when bytes or the end of the pipe have arrived after a call of <see cref="Read"/> that found none.</summary>
    public WaitHandle HasArrived => _read.Completed;

    /// <summary>Reads without waiting.</summary>
    /// <param name="bytes">The bytes, until the next call.</param>
    /// <returns>The number of bytes; 0 if the other end is closed; -1 if none have arrived.</returns>
    public int Read(out ReadOnlySpan<byte> bytes)
    {
        bytes = [];
        if (_isClosed)
        {
            return 0;
        }

        if (!_read.IsBegun)
        {
            _read.BeginRead();
        }

        var count = _read.TakeResult();
        _isClosed = count == 0;
        bytes = _read.Bytes(Math.Max(count, 0));
        return count;
    }

    public void Dispose() => _read.Dispose();
}
