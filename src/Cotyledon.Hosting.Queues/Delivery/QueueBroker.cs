using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Queues.Observability;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>One queue in the master: connects its <see cref="DeliveryState"/> with the store, the consumers and the clock.</summary>
internal sealed class QueueBroker : IQueueFeed, IAsyncDisposable
{
    /// <summary>Timers accept at most 49 days. A timer that fires too early is set again.</summary>
    private static readonly TimeSpan MaxAlarm = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly DeliveryState _state;
    private readonly IQueueStore _store;
    private readonly Capacity _capacity;
    private readonly TimeProvider _clock;
    private readonly long _begin;
    private readonly ITimer _alarm;
    private readonly ILogger _logger;
    private readonly Lazy<Task> _opened;
    private readonly LastCount _stored;
    private readonly LastCount _dead;
    private TimeSpan? _alarmAt;
    private long _enqueued;

    public QueueBroker(string name, CotyledonQueueOptions options, IQueueStore store, TimeProvider clock, ILogger logger)
    {
        Name = name;
        Options = options;
        _store = store;
        _clock = clock;
        _begin = clock.GetTimestamp();
        _state = new DeliveryState(options.MaxAttempts, options.LeaseTimeout);
        _capacity = new Capacity(() => store.Count, options.Capacity);
        _alarm = clock.CreateTimer(_ => OnAlarm(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _logger = logger;
        _opened = new Lazy<Task>(OpenStoreAsync);
        _stored = new LastCount(store.CountAsync);
        _dead = new LastCount(store.CountDeadAsync);
    }

    public string Name { get; }

    public CotyledonQueueOptions Options { get; }

    public string? HealthIssue => _store.HealthIssue;

    /// <summary>The items that wait for a reader, delayed ones included. Null until the store has answered for the first time.</summary>
    public long? Depth
    {
        get
        {
            // A store that keeps its items on a server does not know their number without a request.
            var count = !IsOpen ? 0 : _store.Count is > 0 and var known ? known : _stored.GetLast();
            return count is { } all ? Math.Max(0, all - Read(s => s.Taken)) : null;
        }
    }

    /// <summary>The dead items. Null until the store has answered for the first time.</summary>
    public long? Dead => IsOpen ? _dead.GetLast() : null;

    /// <summary>The items that this program has added since the start of the master.</summary>
    public long Enqueued => Interlocked.Read(ref _enqueued);

    private bool IsOpen => _opened is { IsValueCreated: true, Value.IsCompletedSuccessfully: true };

    private TimeSpan Now => _clock.GetElapsedTime(_begin);

    /// <summary>Opens the store, once.</summary>
    /// <exception cref="QueueException">The store cannot be used.</exception>
    public Task OpenAsync() => _opened.Value;

    public async Task EnqueueAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken)
    {
        await OpenAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await _capacity.ReserveAsync(bodies.Count, cancellationToken).ConfigureAwait(false);
        try
        {
            await _store.AppendAsync(bodies, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _enqueued, bodies.Count);
        }
        finally
        {
            _capacity.Free(bodies.Count);
        }
    }

    public QueueConsumer Connect(IDeliverySink sink)
    {
        lock (_gate)
        {
            return _state.Connect(sink);
        }
    }

    public void Disconnect(QueueConsumer consumer)
    {
        lock (_gate)
        {
            _state.Disconnect(consumer);
        }

        Pump();
    }

    /// <summary>
    /// Lets the consumer take <paramref name="count"/> more items; 0 cancels earlier grants. Items are delivered at the next
    /// <see cref="Pump"/>.
    /// </summary>
    public void Grant(QueueConsumer consumer, int count)
    {
        lock (_gate)
        {
            if (count == 0)
            {
                DeliveryState.Revoke(consumer);
            }
            else
            {
                _state.Grant(consumer, count);
            }
        }
    }

    /// <summary>Settles an item at once. Consumers and the store are notified at the next <see cref="Pump"/>.</summary>
    public void Settle(QueueConsumer consumer, long id, Settlement settlement, TimeSpan delay)
    {
        lock (_gate)
        {
            _state.Settle(consumer, id, settlement, delay, Now);
        }
    }

    /// <summary>Sends the pending deliveries to the consumers, and the pending outcomes and the demand to the store.</summary>
    public void Pump()
    {
        var served = new List<QueueConsumer>();
        (QueueItem Item, QueueOutcome Outcome)[] outcomes;
        lock (_gate)
        {
            _state.PassTime(Now);
            while (Deliver(served))
            {
                // A consumer is full. Its sink is asked again: if it still has no room, it calls Pump later.
            }

            outcomes = [.. _state.Outcomes];
            _state.Outcomes.Clear();
            SetAlarm();

            // Inside the lock: an older demand must not replace a newer one, or a reader waits for items that are not requested.
            _store.Want(_state.Demand);
        }

        foreach (var consumer in served)
        {
            consumer.Sink.Flush();
        }

        foreach (var (item, outcome) in outcomes)
        {
            _store.Settle(item, outcome);
        }

        // After all settlements: a logger of the program may be slow.
        foreach (var (item, outcome) in outcomes)
        {
            if (outcome == QueueOutcome.Dead)
            {
                Log.ItemDied(_logger, Name, item.Id, item.Attempts);
            }
        }
    }

    public void Add(IReadOnlyList<QueueItem> items)
    {
        lock (_gate)
        {
            foreach (var item in items)
            {
                _state.Add(item);
            }
        }

        Pump();
    }

    public void OnRoom() => _capacity.OnRoom();

    public long Read(Func<DeliveryState, long> count)
    {
        lock (_gate)
        {
            return count(_state);
        }
    }

    public async Task<QueueStatistics> GetStatisticsAsync(CancellationToken cancellationToken)
    {
        await OpenAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        var count = await _store.CountAsync(cancellationToken).ConfigureAwait(false);
        var dead = await _store.CountDeadAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            return new QueueStatistics
            {
                Waiting = Math.Max(0, count - _state.Taken),
                Taken = _state.Taken,
                Completed = _state.Completed,
                Redelivered = _state.Redelivered,
                Dead = dead,
            };
        }
    }

    /// <inheritdoc cref="IQueueStore.GetDeadAsync"/>
    public async Task<IReadOnlyList<QueueItem>> GetDeadAsync(long after, int max, CancellationToken cancellationToken)
    {
        await OpenAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return await _store.GetDeadAsync(after, max, cancellationToken).ConfigureAwait(false);
    }

    public async Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        await OpenAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return await _store.RetryDeadAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    public async Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        await OpenAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return await _store.DeleteDeadAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _alarm.DisposeAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
    }

    private async Task OpenStoreAsync()
    {
        await _store.OpenAsync(this, CancellationToken.None).ConfigureAwait(false);
        Log.QueueOpened(_logger, Name, Options.Provider, _store.Count);
        Pump();
    }

    /// <returns>True if at least one consumer is full now.</returns>
    private bool Deliver(List<QueueConsumer> served)
    {
        var first = served.Count;
        var isFull = false;
        _state.UpdateRoom();
        _state.Dispatch(Now, served);
        for (var i = first; i < served.Count; i++)
        {
            var consumer = served[i];
            consumer.Sink.Deliver(consumer.Outgoing);
            consumer.Outgoing.Clear();
            isFull |= consumer.Room <= 0;
        }

        return isFull;
    }

    private void OnAlarm()
    {
        lock (_gate)
        {
            _alarmAt = null;
        }

        Pump();
    }

    private void SetAlarm()
    {
        var next = _state.NextDeadline;
        if (next != _alarmAt)
        {
            _alarmAt = next;
            _alarm.Change(next is { } at ? AlarmIn(at - Now) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Rounds up: a timer has a resolution of one millisecond, and would otherwise fire early, several times in a row.</summary>
    private static TimeSpan AlarmIn(TimeSpan wait) =>
        TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, MaxAlarm.TotalMilliseconds));
}
