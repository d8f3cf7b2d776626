using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>Reads a stream that is not a socket, such as a pipe on Windows, on its own thread.</summary>
internal sealed class StreamReaderThread(LogReceiver receiver, Stream stream)
{
    private static readonly TimeSpan CheckDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task _writing = Task.CompletedTask;

    public void Start() => new Thread(Run) { IsBackground = true, Name = "cotyledon log" }.UnsafeStart();

    private void Run()
    {
        var worker = receiver.Open();
        using var ticker = new PeriodicThread(CheckDelay, "cotyledon log levels", () =>
        {
            receiver.CheckLevels();
            SendUpdates(worker);
        });
        var buffer = new byte[64 * 1024];
        try
        {
            do
            {
                SendUpdates(worker);
            }
            while (stream.Read(buffer) is > 0 and var count && receiver.Feed(worker, buffer.AsSpan(0, count)));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The worker has exited. The same as the end of the stream.
        }

        stream.Dispose();
        receiver.Close(worker);
    }

    /// <summary>Sends level updates, one write at a time. While a write runs, updates wait for the next call.</summary>
    private void SendUpdates(WorkerStream worker)
    {
        lock (_gate)
        {
            if (_writing.IsCompletedSuccessfully && receiver.TakeUpdates(worker) is { Length: > 0 } bytes)
            {
                _writing = stream.WriteAsync(bytes).AsTask();
            }
        }
    }
}
