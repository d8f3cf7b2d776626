using System.Diagnostics;
using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>The queue that a program uses: converts items to bytes and back.</summary>
internal sealed class CotyledonQueue<T> : ICotyledonQueue<T>
    where T : notnull
{
    private readonly IItemFormat<T> _format;
    private readonly CotyledonQueueOptions _options;
    private readonly ILogger _logger;
    private readonly Lazy<IQueuePort> _port;

    /// <summary>Created once: a second reader would replace the first one as the receiver of the port.</summary>
    private readonly Lazy<QueueReader> _reader;

    public CotyledonQueue(
        string name, IItemFormat<T> format, Func<IQueuePort> connect, CotyledonQueueOptions options, TimeProvider clock, ILogger logger)
    {
        (Name, _format, _options, _logger) = (name, format, options, logger);
        _port = new Lazy<IQueuePort>(connect);
        _reader = new Lazy<QueueReader>(() => new QueueReader(_port.Value, options.MaxPrefetch, clock));
    }

    public string Name { get; }

    public Task EnqueueAsync(T item, CancellationToken cancellationToken = default) => AddAsync([Write(item)], cancellationToken);

    public Task EnqueueRangeAsync(IReadOnlyCollection<T> items, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);

        // Not an array of this size: a concurrent collection may change before it is enumerated.
        var bodies = new List<ReadOnlyMemory<byte>>(items.Count);
        foreach (var item in items)
        {
            bodies.Add(Write(item));
        }

        return bodies.Count == 0 ? Task.CompletedTask : AddAsync([.. bodies], cancellationToken);
    }

    public async IAsyncEnumerable<QueueDelivery<T>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reader = _reader.Value;
        reader.Begin();
        try
        {
            var handling = TimeSpan.Zero;
            while (true)
            {
                var arrival = await reader.TakeAsync(handling, cancellationToken).ConfigureAwait(false);

                // Before the item is deserialized: that can take longer than the loop body, and more would be prefetched than can be handled.
                var begin = Stopwatch.GetTimestamp();
                if (TryRead(reader, arrival) is not { } delivery)
                {
                    continue;
                }

                var hasReturned = false;
                try
                {
                    yield return delivery;
                    hasReturned = true;
                }
                finally
                {
                    if (!hasReturned)
                    {
                        // The loop body threw an exception or left the loop.
                        await delivery.DisposeAsync().ConfigureAwait(false);
                    }
                }

                // A moving average: a single pause, such as a garbage collection, says little about the next item.
                var last = Stopwatch.GetElapsedTime(begin);
                handling = handling == TimeSpan.Zero ? last : ((7 * handling) + last) / 8;
            }
        }
        finally
        {
            reader.End();
        }
    }

    public Task<QueueStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default) => _port.Value.GetStatisticsAsync(cancellationToken);

    public async Task<IReadOnlyList<DeadItem<T>>> GetDeadAsync(int max = 100, long after = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        var dead = new List<DeadItem<T>>();
        for (; dead.Count < max; after = dead[^1].Id)
        {
            var page = await _port.Value.GetDeadAsync(after, max - dead.Count, cancellationToken).ConfigureAwait(false);
            if (page.Count == 0)
            {
                break;
            }

            dead.AddRange(page.Select(Read));
        }

        return dead;
    }

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _port.Value.RetryDeadAsync(ids, cancellationToken);
    }

    public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _port.Value.DeleteDeadAsync(ids, cancellationToken);
    }

    /// <summary>Adds items. The wait for room in a full queue is no hang of the service.</summary>
    private Task AddAsync(ReadOnlyMemory<byte>[] bodies, CancellationToken cancellationToken)
    {
        var adding = _port.Value.EnqueueAsync(bodies, cancellationToken);
        return adding.IsCompleted || WorkerProcess.BeginWait() is not { } wait ? adding : WaitAsync(adding, wait);

        static async Task WaitAsync(Task adding, IDisposable wait)
        {
            using (wait)
            {
                await adding.ConfigureAwait(false);
            }
        }
    }

    private ReadOnlyMemory<byte> Write(T item)
    {
        var body = _format.Write(item);
        return body.Length <= _options.MaxItemSize ? body : throw new ArgumentException(
            $"An item for the queue '{Name}' has {body.Length} bytes; {_options.MaxItemSize} are allowed. Increase "
            + $"{Configuration.QueueOptionsSetup.Section}:{Name}:{nameof(_options.MaxItemSize)}, or store the data elsewhere and enqueue "
            + "a reference to it.",
            nameof(item));
    }

    private DeadItem<T> Read(Arrival dead) => new()
    {
        Id = dead.Id,
        Item = _format.TryRead(dead.Body, out var item, out _) ? item : default,
        Body = dead.Body,
        Attempts = dead.Attempt,
    };

    private QueueDelivery<T>? TryRead(QueueReader reader, Arrival arrival)
    {
        if (_format.TryRead(arrival.Body, out var item, out var error))
        {
            return new QueueDelivery<T>(reader, arrival.Id, item, arrival.Attempt);
        }

        Log.UnreadableItem(_logger, Name, arrival.Id, typeof(T).Name, error);
        reader.Settle(arrival.Id, Settlement.MarkDead, TimeSpan.Zero);
        return null;
    }
}
