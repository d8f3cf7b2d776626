using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Cotyledon.Hosting.Processes;

/// <summary>The worker's end of a pipe on Windows.</summary>
[SupportedOSPlatform("windows")]
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class PipeChannelEnd : ChannelEnd
{
    /// <summary>Not larger than the buffer of the caller, which holds the largest frame.</summary>
    private const int ReadSize = 4 * 1024;

    private const int SendSize = 16 * 1024;

    private readonly PipeReader _reader;
    private readonly PipeSender _sender;
    private readonly AutoResetEvent _interrupted = new(initialState: false);
    private readonly WaitHandle[] _events;
    private readonly Lock _writing = new();
    private bool _isClosed;

    public PipeChannelEnd(string name)
    {
        var pipe = ToPipe(name);

        // Programs that this worker starts must not keep its channel open.
        KeepFromPrograms(name);
        _reader = new PipeReader(pipe, ReadSize);
        _sender = new PipeSender(pipe, SendSize);
        _events = [_interrupted, _reader.HasArrived];
    }

    public override bool IsCongested
    {
        get
        {
            lock (_writing)
            {
                return _sender.IsFull;
            }
        }
    }

    public static NamedPipeClientStream ToStream(string name) =>
        new(PipeDirection.InOut, isAsync: true, isConnected: true, ToPipe(name));

    public static new void KeepFromPrograms(string name) => Kernel32.SetHandleInformation(Parse(name), Kernel32.Inherit, 0);

    public override int Read(Span<byte> buffer, TimeSpan? timeout)
    {
        if (TryRead(buffer) is >= 0 and var count)
        {
            return count;
        }

        return WaitHandle.WaitAny(_events, Milliseconds(timeout)) == 1 ? TryRead(buffer) : -1;
    }

    public override void Interrupt() => _interrupted.Set();

    public override void Write(ReadOnlySpan<byte> frame)
    {
        lock (_writing)
        {
            _sender.Send(frame);
        }
    }

    private int TryRead(Span<byte> buffer)
    {
        if (_isClosed)
        {
            return -1;
        }

        var count = _reader.Read(out var bytes);
        bytes.CopyTo(buffer);
        _isClosed = count == 0;
        return count;
    }

    private static int Milliseconds(TimeSpan? timeout) =>
        timeout is { } limit ? (int)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 0, int.MaxValue) : Timeout.Infinite;

    private static SafePipeHandle ToPipe(string name) => new(Parse(name), ownsHandle: true);

    /// <summary>Returns the handle of a pipe.</summary>
    /// <exception cref="InvalidOperationException">The name is not the handle of a pipe.</exception>
    private static nint Parse(string name) =>
        nint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var pipe) && Kernel32.GetFileType(pipe) == Kernel32.PipeType
            ? pipe
            : throw new InvalidOperationException(
                $"COTYLEDON_CHANNEL names '{name}', which is not an open pipe of a master. Only a master sets this variable; remove it from "
                + "the environment.");
}
