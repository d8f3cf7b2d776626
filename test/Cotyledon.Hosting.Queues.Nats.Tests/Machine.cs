using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>A master with one queue, as on a separate machine.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly CotyledonQueueOptions _options;
    private readonly QueueBroker _broker;
    private readonly LineLogger _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _readers = [];

    public Machine(string url, Action<CotyledonQueueOptions>? configure = null, TimeSpan? ackWait = null)
    {
        _options = new CotyledonQueueOptions { Provider = "Nats", Url = url };
        configure?.Invoke(_options);
        var store = new NatsStore("samples", _options, ackWait ?? NatsStore.DefaultAckWait, TimeProvider.System, _log);
        _broker = new QueueBroker("samples", _options, store, TimeProvider.System, _log);
        Queue = NewProcess();
        Opened = _broker.OpenAsync();
    }

    public ICotyledonQueue<int> Queue { get; }

    /// <summary>The same queue, with items that are stored as they are.</summary>
    public ICotyledonQueue<ReadOnlyMemory<byte>> Bytes => new CotyledonQueue<ReadOnlyMemory<byte>>(
        "samples", new BytesFormat(), () => new LocalPort(_broker), _options, TimeProvider.System, _log);

    public string? HealthIssue => _broker.HealthIssue;

    public long? Depth => _broker.Depth;

    /// <summary>The names of the logged events.</summary>
    public IEnumerable<string> Events => _log.Events;

    /// <summary>The items that readers have completed.</summary>
    public ConcurrentQueue<int> Completed { get; } = [];

    public Task Opened { get; }

    /// <summary>Returns the queue as another process of this machine has it.</summary>
    public ICotyledonQueue<int> NewProcess() => new CotyledonQueue<int>(
        "samples",
        new JsonFormat<int>((JsonTypeInfo<int>)JsonSerializerOptions.Default.GetTypeInfo(typeof(int))),
        () => new LocalPort(_broker),
        _options,
        TimeProvider.System,
        _log);

    /// <summary>Completes all items that arrive, until the machine is disposed.</summary>
    public void Read() => _readers.Add(Task.Run(async () =>
    {
        try
        {
            await foreach (var delivery in Queue.ReadAllAsync(_stop.Token))
            {
                Completed.Enqueue(delivery.Item);
                await delivery.CompleteAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The machine is disposed.
        }
    }));

    /// <summary>Takes the next item with a reader that reads no further ones.</summary>
    public Task<QueueDelivery<int>> TakeAsync() => TakeAsync(Queue);

    public async Task<QueueDelivery<T>> TakeAsync<T>(ICotyledonQueue<T> queue)
        where T : notnull
    {
        var all = queue.ReadAllAsync(_stop.Token).GetAsyncEnumerator();
        Assert.That(await all.MoveNextAsync().AsTask().WaitAsync(Eventually.Limit), Is.True);
        return all.Current;
    }

    /// <summary>Waits for numbers of the queue. A server that does not answer in time is asked again.</summary>
    public Task UntilAsync(Func<QueueStatistics, bool> condition, string description) => Eventually.Is(
        async () =>
        {
            try
            {
                return condition(await Queue.GetStatisticsAsync());
            }
            catch (QueueException)
            {
                return false;
            }
        },
        description);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_readers).WaitAsync(Eventually.Limit);
        await _broker.DisposeAsync().AsTask().WaitAsync(Eventually.Limit);
    }

    private sealed class LineLogger : ILogger
    {
        public ConcurrentQueue<string> Events { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Events.Enqueue(eventId.Name!);
            TestContext.Out.WriteLine(formatter(state, exception));
        }
    }
}
