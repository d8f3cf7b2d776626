using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EventChannel = System.Threading.Channels.Channel<Cotyledon.Hosting.WorkerEvent>;

namespace Cotyledon.Hosting.Master;

/// <summary>Hands events to everybody who watches. A watcher that does not keep up loses the oldest ones.</summary>
internal sealed class WorkerEvents
{
    private const int MaxBehind = 1024;

    private readonly Lock _gate = new();
    private readonly List<EventChannel> _watchers = [];
    private bool _isCompleted;
    private long _dropped;

    /// <summary>How many events watchers have lost, in all.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Publish(WorkerEvent what)
    {
        lock (_gate)
        {
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(what);
            }
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            _isCompleted = true;
            _watchers.ForEach(watcher => watcher.Writer.TryComplete());
        }
    }

    /// <summary>The watching begins with this call, not with the first step of the enumeration.</summary>
    public IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken ct)
    {
        var watcher = System.Threading.Channels.Channel.CreateBounded<WorkerEvent>(
            new BoundedChannelOptions(MaxBehind) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _dropped));
        lock (_gate)
        {
            _watchers.Add(watcher);
            if (_isCompleted)
            {
                watcher.Writer.Complete();
            }
        }

        return ReadAsync(watcher, ct);
    }

    private async IAsyncEnumerable<WorkerEvent> ReadAsync(
        EventChannel watcher,
        CancellationToken watching,
        [EnumeratorCancellation] CancellationToken enumerating = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(watching, enumerating);
        try
        {
            await foreach (var what in watcher.Reader.ReadAllAsync(either.Token).ConfigureAwait(false))
            {
                yield return what;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(watcher);
            }
        }
    }
}
