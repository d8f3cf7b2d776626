using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.AspNetCore.Streaming;

/// <summary>The state that the open pages know. It exists while a page is open, and finds out what has changed.</summary>
internal sealed class Observation : IAsyncDisposable
{
    public const int MaxOperations = 8;
    private const int MaxEvents = 100;

    private readonly ICotyledonManager _manager;
    private readonly QueueDepths _queues;
    private readonly CancellationTokenSource _end = new();
    private readonly IAsyncEnumerator<WorkerEvent> _events;
    private readonly Dictionary<string, string> _known = [];
    private Task<bool> _nextEvent;
    private Task _measurement = Task.CompletedTask;

    public Observation(ICotyledonManager manager, QueueDepths queues)
    {
        _manager = manager;
        _queues = queues;
        Ended = _end.Token;
        _events = manager.WatchAsync(0, Ended).GetAsyncEnumerator(Ended);
        _nextEvent = _events.MoveNextAsync().AsTask();
        TakeEvents();
        Compare("");
    }

    public CancellationToken Ended { get; }

    /// <summary>The last measurement, for a page that is opened before the next one.</summary>
    public UsageMessage? Usage { get; private set; }

    /// <summary>The last events, oldest first.</summary>
    public IReadOnlyList<EventObject> RecentEvents { get; private set; } = [];

    public void Cancel() => _end.Cancel();

    /// <summary>Returns the events since the last call. If there are more than the page shows, the oldest are left out.</summary>
    public IReadOnlyList<EventObject> TakeEvents()
    {
        var taken = new Queue<EventObject>();
        while (_nextEvent is { IsCompletedSuccessfully: true, Result: true })
        {
            taken.Enqueue(_events.Current.ToObject());
            if (taken.Count > MaxEvents)
            {
                taken.Dequeue();
            }

            _nextEvent = _events.MoveNextAsync().AsTask();
        }

        if (taken.Count > 0)
        {
            RecentEvents = [.. RecentEvents.Concat(taken).TakeLast(MaxEvents)];
        }

        return [.. taken];
    }

    /// <summary>Returns what has changed since the last call, or null.</summary>
    public StatusMessage? Compare(string time)
    {
        IReadOnlyList<OperationObject> present = [.. _manager.GetOperations().Take(MaxOperations).Select(operation => operation.ToObject())];
        var overview = Changed("overview", [_manager.GetOverview().ToObject()], _ => "", PageJson.Default.OverviewObject);
        var services = Changed("service ", _manager.GetStatus().Select(service => service.ToObject()), s => s.Name, PageJson.Default.ServiceObject);

        // All of them together, because operations come and go.
        var operations = Changed("operations", [present], _ => "", PageJson.Default.IReadOnlyListOperationObject);
        var queues = Changed("queue ", _queues.Current, queue => queue.Name, PageJson.Default.QueueObject);
        return overview is null && services is null && operations is null && queues is null
            ? null
            : new StatusMessage { Time = time, Overview = overview?[0], Services = services, Operations = operations?[0], Queues = queues };
    }

    /// <summary>Measures in the background, unless the previous measurement still runs.</summary>
    public void Measure(Action<UsageMessage> report)
    {
        if (_measurement.IsCompleted)
        {
            _measurement = MeasureAsync(report);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await ((Task)_nextEvent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _events.DisposeAsync().ConfigureAwait(false);
        await _measurement.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task MeasureAsync(Action<UsageMessage> report)
    {
        await _queues.RefreshAsync(Ended).ConfigureAwait(false);
        var usage = await _manager.MeasureAsync(Ended).ConfigureAwait(false);
        Usage = new UsageMessage(
            usage.FirstOrDefault(u => u.Service is null)?.ToObject(),
            [
                .. from worker in usage
                   where worker is { Service: not null, WorkerId: not null }
                   let measured = worker.ToObject()
                   select new WorkerUsageObject(
                       worker.Service!, worker.WorkerId!.Value, measured.Cpu, measured.Memory, measured.Connections, measured.Requests),
            ]);
        report(Usage);
    }

    /// <summary>Compares the JSON text, because the lists in the objects have no equality.</summary>
    private List<T>? Changed<T>(string kind, IEnumerable<T> items, Func<T, string> key, JsonTypeInfo<T> json)
    {
        List<T>? changed = null;
        foreach (var item in items)
        {
            var (name, text) = (kind + key(item), JsonSerializer.Serialize(item, json));
            if (!_known.TryGetValue(name, out var known) || known != text)
            {
                _known[name] = text;
                (changed ??= []).Add(item);
            }
        }

        return changed;
    }
}
