using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EventChannel = System.Threading.Channels.Channel<Cotyledon.Hosting.WorkerEvent>;

namespace Cotyledon.Hosting.Master;

/// <summary>Hands events to everybody who watches. A watcher that does not keep up loses the oldest ones.</summary>
internal sealed class WorkerEvents
{
    private const int MaxBehind = 1024;

    private readonly Lock _gate = new();

    /// <summary>All watchers. Weak references: a result of <see cref="WatchAsync"/> that the program has dropped must not stay.</summary>
    private readonly List<WeakReference<Watcher>> _watchers = [];

    /// <summary>
    /// Those that are being enumerated, which must not be collected: a consumer that waits for the next event is referenced by its
    /// channel only.
    /// </summary>
    private readonly HashSet<Watcher> _enumerated = [];

    private bool _isCompleted;
    private long _dropped;

    /// <summary>How many events watchers have lost, in all.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>How many watchers get events.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return Living().Count;
            }
        }
    }

    public void Publish(WorkerEvent what)
    {
        lock (_gate)
        {
            if (_watchers.Count > 0)
            {
                Living().ForEach(watcher => watcher.Channel.Writer.TryWrite(what));
            }
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            _isCompleted = true;
            Living().ForEach(watcher => watcher.Channel.Writer.TryComplete());
        }
    }

    /// <summary>The watching begins with this call, not with the first step of the enumeration.</summary>
    public IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken cancellationToken)
    {
        var channel = System.Threading.Channels.Channel.CreateBounded<WorkerEvent>(
            new BoundedChannelOptions(MaxBehind) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _dropped));
        var watcher = new Watcher(this, channel, cancellationToken);
        lock (_gate)
        {
            // Also removes those that were dropped, where no event does.
            Living();
            _watchers.Add(new WeakReference<Watcher>(watcher));
            if (_isCompleted)
            {
                channel.Writer.Complete();
            }
        }

        return watcher;
    }

    /// <summary>Removes the watchers that nothing references any more, and those that were cancelled before they were enumerated.</summary>
    private List<Watcher> Living()
    {
        var living = new List<Watcher>(_watchers.Count);
        _watchers.RemoveAll(reference =>
        {
            if (!reference.TryGetTarget(out var watcher) || (watcher.IsCancelled && !_enumerated.Contains(watcher)))
            {
                return true;
            }

            living.Add(watcher);
            return false;
        });
        return living;
    }

    private void Hold(Watcher watcher)
    {
        lock (_gate)
        {
            _enumerated.Add(watcher);
        }
    }

    private void Remove(Watcher watcher)
    {
        lock (_gate)
        {
            _enumerated.Remove(watcher);
            _watchers.RemoveAll(reference => !reference.TryGetTarget(out var other) || other == watcher);
        }
    }

    /// <summary>One call of <see cref="WatchAsync"/>.</summary>
    private sealed class Watcher(WorkerEvents events, EventChannel channel, CancellationToken watching) : IAsyncEnumerable<WorkerEvent>
    {
        public EventChannel Channel => channel;

        public bool IsCancelled => watching.IsCancellationRequested;

        public IAsyncEnumerator<WorkerEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

        private async IAsyncEnumerable<WorkerEvent> ReadAsync([EnumeratorCancellation] CancellationToken enumerating)
        {
            events.Hold(this);
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(watching, enumerating);
                await foreach (var what in channel.Reader.ReadAllAsync(either.Token).ConfigureAwait(false))
                {
                    yield return what;
                }
            }
            finally
            {
                events.Remove(this);
            }
        }
    }
}
