using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Serilog.Wire;
using Microsoft.Win32.SafeHandles;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>
/// Sends over a pipe on Windows. Bytes that fit into the pipe are in the kernel and reach the master even if this process ends.
/// </summary>
[SupportedOSPlatform("windows")]
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class PipePort(SafePipeHandle pipe) : ISendPort
{
    private static readonly TimeSpan LookDelay = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly PipeSender _sender = new(pipe, Limits.MaxPiece);

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            return _sender.Send(bytes);
        }
    }

    public void WaitUntilWritable() => HasSent(Timeout.InfiniteTimeSpan);

    public bool HasSent(TimeSpan timeout)
    {
        var begin = Stopwatch.GetTimestamp();
        while (IsFull())
        {
            if (timeout != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(begin) >= timeout)
            {
                return false;
            }

            // In short steps, because a thread that sends resets the event.
            _sender.HasRoom.WaitOne(LookDelay);
        }

        return true;
    }

    private bool IsFull()
    {
        lock (_gate)
        {
            return _sender.IsFull;
        }
    }
}
