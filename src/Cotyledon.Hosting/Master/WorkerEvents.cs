using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EventChannel = System.Threading.Channels.Channel<Cotyledon.Hosting.WorkerEvent>;

namespace Cotyledon.Hosting.Master;

/// <summary>Numbers the events and delivers them to all watchers. A watcher that is too slow loses the oldest events.</summary>
internal sealed class WorkerEvents
{
    private const int MaxBehind = 1024;

    /// <summary>The number of past events that a new watcher can get; less than <see cref="MaxBehind"/>.</summary>
    private const int MaxKept = 256;

    private readonly Lock _gate = new();
    private readonly Ring<WorkerEvent> _kept = new(MaxKept);

    /// <summary>
    /// All watchers. Weak references, so that a result of <see cref="WatchAsync"/> that the program no longer uses can be collected.
    /// </summary>
    private readonly List<WeakReference<Watcher>> _watchers = [];

    /// <summary>
    /// The watchers that are being enumerated. They must not be collected: while a consumer waits for the next event, only its channel
    /// references it.
    /// </summary>
    private readonly HashSet<Watcher> _enumerated = [];

    private bool _isCompleted;
    private long _lastNumber;
    private long _dropped;

    /// <summary>The total number of events that watchers have lost.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

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
            var numbered = what with { Number = ++_lastNumber };
            _kept.Add(numbered);
            if (_watchers.Count > 0)
            {
                Living().ForEach(watcher => watcher.Channel.Writer.TryWrite(numbered));
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

    /// <summary>
    /// Returns the events from this call on, even if the enumeration begins later. Before them, it returns the kept events whose number is
    /// higher than <paramref name="after"/>.
    /// </summary>
    public IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken cancellationToken, long after = long.MaxValue)
    {
        var channel = System.Threading.Channels.Channel.CreateBounded<WorkerEvent>(
            new BoundedChannelOptions(MaxBehind) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _dropped));
        var watcher = new Watcher(this, channel, cancellationToken);
        lock (_gate)
        {
            // Also removes watchers that are no longer used. Without this, they would accumulate while there are no events.
            Living();
            _watchers.Add(new WeakReference<Watcher>(watcher));
            foreach (var past in _kept.Items.Where(e => e.Number > after))
            {
                channel.Writer.TryWrite(past);
            }

            if (_isCompleted)
            {
                channel.Writer.Complete();
            }
        }

        return watcher;
    }

    /// <summary>
    /// Returns the watchers. Removes those that were collected, and those that were cancelled and are not being enumerated.
    /// </summary>
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
