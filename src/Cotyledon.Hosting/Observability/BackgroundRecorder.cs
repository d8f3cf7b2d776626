using System.Threading.Channels;

namespace Cotyledon.Hosting.Observability;

/// <summary>
/// Records measurements and activities in their order, outside the supervisor's thread: listeners are code of the program, and a slow
/// exporter must not delay the supervision. Records that do not fit into the queue are dropped and counted.
/// </summary>
internal sealed class BackgroundRecorder
{
    private const int MaxWaiting = 10_000;

    private readonly Channel<Action> _waiting = System.Threading.Channels.Channel.CreateBounded<Action>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly Task _running;
    private long _dropped;

    public BackgroundRecorder() => _running = Task.Run(RunAsync);

    public long Dropped => Interlocked.Read(ref _dropped);

    public void Post(Action record)
    {
        if (!_waiting.Writer.TryWrite(record))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Stops accepting records.</summary>
    /// <returns>A task that completes when all accepted records have been recorded.</returns>
    public Task CompleteAsync()
    {
        _waiting.Writer.TryComplete();
        return _running;
    }

    private async Task RunAsync()
    {
        await foreach (var record in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                record();
            }
            catch (Exception)
            {
                // A listener of the program threw. The following records are not affected.
                Interlocked.Increment(ref _dropped);
            }
        }
    }
}
