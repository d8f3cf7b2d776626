using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Sends over a pipe on Windows without waiting and without the thread pool. Bytes that fit into the pipe are in the kernel and reach the
/// other end even if this process ends. When the pipe is full, one more part waits in this process.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
[SupportedOSPlatform("windows")]
internal sealed class PipeSender(SafeHandle pipe, int size) : IDisposable
{
    private readonly PipeOperation _write = new(pipe, size);
    private bool _isBroken;

    /// <summary>Signaled when there is room again after the pipe was full.</summary>
    public WaitHandle HasRoom => _write.Completed;

    /// <summary>Whether the pipe is full, so that <see cref="Send"/> would send nothing.</summary>
    public bool IsFull
    {
        get
        {
            if (_write.IsBegun)
            {
                _isBroken |= _write.TakeResult() == 0;
            }

            return _write.IsBegun;
        }
    }

    /// <summary>Sends as many bytes as possible without waiting.</summary>
    /// <returns>The number of bytes; 0 if the pipe is full; -1 if it is closed at the other end.</returns>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        var sent = 0;
        while (sent < bytes.Length && !IsFull && !_isBroken)
        {
            sent += _write.BeginWrite(bytes[sent..]);
        }

        return IsFull || !_isBroken ? sent : -1;
    }

    public void Dispose() => _write.Dispose();
}
