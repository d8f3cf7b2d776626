using System.IO.Pipes;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>Reads the pipe of one worker on Windows, on its own thread, and sends it the levels.</summary>
[SupportedOSPlatform("windows")]
internal sealed class PipeThread(LogReceiver receiver, PipeStream stream)
{
    private static readonly TimeSpan CheckDelay = TimeSpan.FromSeconds(1);

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
            while (ReadAll(reader, worker))
            {
                unsent = Send(sender, unsent.IsEmpty ? receiver.TakeUpdates(worker) : unsent);
                if (!reader.HasArrived.WaitOne(CheckDelay))
                {
                    receiver.CheckLevels();
                }
            }
        }

        receiver.Close(worker);
    }

    /// <returns>Whether more may come.</returns>
    private bool ReadAll(PipeReader reader, WorkerStream worker)
    {
        int count;
        while ((count = reader.Read(out var bytes)) > 0)
        {
            if (!receiver.Feed(worker, bytes))
            {
                return false;
            }
        }

        return count != 0;
    }

    /// <summary>Sends as much as the pipe takes. A worker that has exited is detected by its end of the pipe.</summary>
    private static ReadOnlyMemory<byte> Send(PipeSender sender, ReadOnlyMemory<byte> bytes) =>
        bytes[Math.Max(0, sender.Send(bytes.Span))..];
}
