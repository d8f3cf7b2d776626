using Cotyledon.Hosting.Configuration;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>Reads a stream that is no socket, a pipe on Windows, in a thread of its own.</summary>
internal sealed class StreamReaderThread(LogReceiver receiver, Stream stream)
{
    private static readonly TimeSpan LookDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task _writing = Task.CompletedTask;

    public void Start() => new Thread(Run) { IsBackground = true, Name = "cotyledon log" }.UnsafeStart();

    private void Run()
    {
        var worker = receiver.Open();
        using var ticker = new PeriodicThread(LookDelay, "cotyledon log levels", () =>
        {
            receiver.Look();
            SendNotes(worker);
        });
        var buffer = new byte[64 * 1024];
        try
        {
            do
            {
                SendNotes(worker);
            }
            while (stream.Read(buffer) is > 0 and var count && receiver.Feed(worker, buffer.AsSpan(0, count)));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Gone, as at the end.
        }

        stream.Dispose();
        receiver.Close(worker);
    }

    /// <summary>One write at a time; what is to be told meanwhile waits for the next look.</summary>
    private void SendNotes(WorkerStream worker)
    {
        lock (_gate)
        {
            if (_writing.IsCompletedSuccessfully && receiver.TakeNotes(worker) is { Length: > 0 } bytes)
            {
                _writing = stream.WriteAsync(bytes).AsTask();
            }
        }
    }
}
