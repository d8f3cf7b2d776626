using System.Threading.Channels;

namespace Cotyledon.Hosting.Observability;

/// <summary>
/// Hands measurements and activities out off the supervisor's thread, in their order: whoever listens is the program's code, and an
/// exporter that waits must not hold up the supervision. What it cannot take is dropped, and counted.
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

    /// <summary>Nothing comes any more.</summary>
    /// <returns>A task that ends when all that came is handed out.</returns>
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
                // A listener of the program failed; the next one gets its chance.
                Interlocked.Increment(ref _dropped);
            }
        }
    }
}
