using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Reads from or writes to a pipe on Windows, one operation at a time. The operation waits in the kernel, not in a task: a task would need
/// the thread pool, which code of the program may block.
/// </summary>
/// <remarks>Not thread-safe. The kernel uses the memory until the operation has completed, so the memory is not managed.</remarks>
[SupportedOSPlatform("windows")]
internal sealed unsafe class PipeOperation : IDisposable
{
    /// <summary>The result of <see cref="TakeResult"/> while the operation runs.</summary>
    public const int IsRunning = -1;

    private const nint PendingStatus = 0x103; // STATUS_PENDING

    // The lowest bit of the event keeps the result away from the completion port of the runtime, to which a stream may have bound the pipe.
    private const nint NoCompletionPort = 1;

    private readonly SafeHandle _pipe;
    private readonly ManualResetEvent _completed = new(initialState: false);
    private readonly NativeOverlapped* _overlapped;
    private readonly byte* _buffer;
    private readonly int _size;
    private bool _isBroken;

    public PipeOperation(SafeHandle pipe, int size)
    {
        (_pipe, _size) = (pipe, size);
        _overlapped = (NativeOverlapped*)NativeMemory.AllocZeroed((nuint)sizeof(NativeOverlapped));
        _buffer = (byte*)NativeMemory.Alloc((nuint)size);
    }

    /// <summary>Whether an operation was begun whose result was not taken.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>Signaled when an operation has completed whose result was not taken.</summary>
    public WaitHandle Completed => _completed;

    /// <summary>The bytes of a completed read.</summary>
    public ReadOnlySpan<byte> Bytes(int count) => new(_buffer, count);

    public void BeginRead()
    {
        Prepare();
        Begin(Kernel32.ReadFile(_pipe, _buffer, _size, null, _overlapped));
    }

    /// <summary>Begins to write a copy of the first bytes.</summary>
    /// <returns>The number of these bytes.</returns>
    public int BeginWrite(ReadOnlySpan<byte> bytes)
    {
        var count = Math.Min(bytes.Length, _size);
        bytes[..count].CopyTo(new Span<byte>(_buffer, count));
        Prepare();
        Begin(Kernel32.WriteFile(_pipe, _buffer, count, null, _overlapped));
        return count;
    }

    /// <summary>Takes the result of the operation that was begun.</summary>
    /// <returns>The number of bytes; 0 if the pipe is closed at the other end; <see cref="IsRunning"/>.</returns>
    public int TakeResult()
    {
        var count = 0;
        if (!_isBroken)
        {
            if (Volatile.Read(ref _overlapped->InternalLow) == PendingStatus)
            {
                return IsRunning;
            }

            _isBroken = !Kernel32.GetOverlappedResult(_pipe, _overlapped, out count, wait: false);
        }

        IsBegun = false;
        _completed.Reset();
        return _isBroken ? 0 : count;
    }

    /// <summary>Cancels a running operation. Does not close the pipe.</summary>
    public void Dispose()
    {
        if (IsBegun && !_isBroken)
        {
            Kernel32.CancelOperation(_pipe, _overlapped);
            Kernel32.GetOverlappedResult(_pipe, _overlapped, out _, wait: true);
        }

        NativeMemory.Free(_overlapped);
        NativeMemory.Free(_buffer);
        _completed.Dispose();
    }

    private void Prepare()
    {
        _completed.Reset();
        *_overlapped = new NativeOverlapped { EventHandle = _completed.SafeWaitHandle.DangerousGetHandle() | NoCompletionPort };
    }

    private void Begin(bool hasSucceeded)
    {
        IsBegun = true;
        if (!hasSucceeded && Marshal.GetLastPInvokeError() != Kernel32.PendingError)
        {
            _isBroken = true;
            _completed.Set();
        }
    }
}
