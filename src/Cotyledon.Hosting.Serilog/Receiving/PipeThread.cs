using System.IO.Pipes;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>Reads the pipe of one worker on Windows, on its own thread, and sends it the levels.</summary>
[SupportedOSPlatform("windows")]
internal sealed class PipeThread(LogReceiver receiver, PipeStream stream)
{
    private const int CheckDelay = 1000;

    // UnsafeStart: the log context of the caller must not flow into the thread that writes the events.
    public void Start() => new Thread(Run) { IsBackground = true, Name = "cotyledon log" }.UnsafeStart();

    private void Run()
    {
        var worker = receiver.Open();
        using (stream)
        using (var reader = new PipeReader(stream.SafePipeHandle, Limits.MaxPiece))
        using (var sender = new PipeSender(stream.SafePipeHandle, Limits.MaxPiece))
        {
            ReadOnlyMemory<byte> unsent = default;
            var checkDue = Environment.TickCount64 + CheckDelay;
            int count;
            while ((count = Read(reader, worker)) != 0)
            {
                // Also between events that arrive without a pause: a changed level may be meant to reduce them.
                if (Environment.TickCount64 >= checkDue)
                {
                    receiver.CheckLevels();
                    checkDue = Environment.TickCount64 + CheckDelay;
                }

                unsent = Send(sender, unsent.IsEmpty ? receiver.TakeUpdates(worker) : unsent);
                if (count < 0)
                {
                    reader.HasArrived.WaitOne(CheckDelay);
                }
            }
        }

        receiver.Close(worker);
    }

    /// <summary>Reads once, and writes the events that have arrived.</summary>
    /// <returns>The number of bytes; 0 if no more can come; -1 if none have arrived.</returns>
    private int Read(PipeReader reader, WorkerStream worker)
    {
        var count = reader.Read(out var bytes);
        return count > 0 && !receiver.Feed(worker, bytes) ? 0 : count;
    }

    /// <summary>Sends as much as the pipe takes. A worker that has exited is detected by its end of the pipe.</summary>
    private static ReadOnlyMemory<byte> Send(PipeSender sender, ReadOnlyMemory<byte> bytes) =>
        bytes[Math.Max(0, sender.Send(bytes.Span))..];
}
