using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>
/// Requests for queues. Calls of a queue run on the thread pool, because they may wait for a disk, and have a limit, because they may wait
/// for a server.
/// </summary>
internal static class ControlQueues
{
    private const int DefaultDead = 100;
    private const int MaxDead = 1000;

    /// <summary>The largest number of items of one call: a store may need several requests to a server for each item.</summary>
    private const int MaxPart = 100;

    private static readonly TimeSpan DepthTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    public static async Task<byte[]> ListAsync(ControlCall call) => call.Result(
        new QueuesObject(await DepthsAsync(call).ConfigureAwait(false)));

    public static async Task<IReadOnlyList<QueueObject>> DepthsAsync(ControlCall call) =>
        await Task.WhenAll(call.Host.Queues().Select(queue => DepthAsync(call, queue))).ConfigureAwait(false);

    public static async Task<byte[]> DeadAsync(ControlCall call)
    {
        var queue = Queue(call);
        var max = Math.Clamp(call.Request.Max ?? DefaultDead, 0, MaxDead);
        var items = await CallAsync(call, CallTimeout, token => queue.GetDeadAsync(max, token)).ConfigureAwait(false);
        return call.Result(new DeadItemsObject([.. items.Take(max).Select(i => i.ToObject())]));
    }

    public static Task<byte[]> RetryAsync(ControlCall call) => ChangeAsync(call, (queue, ids, token) => queue.RetryDeadAsync(ids, token));

    public static Task<byte[]> DeleteAsync(ControlCall call) => ChangeAsync(call, (queue, ids, token) => queue.DeleteDeadAsync(ids, token));

    private static async Task<byte[]> ChangeAsync(
        ControlCall call, Func<IQueueAdministration, IReadOnlyCollection<long>, CancellationToken, Task<int>> change)
    {
        var queue = Queue(call);
        if (call.Request.All != true)
        {
            var ids = call.Request.Ids ?? throw ControlError.Usage($"'{call.Request.Do}' needs the field ids, or all.");
            var changed = 0;
            foreach (var part in ids.Chunk(MaxPart))
            {
                changed += await CallAsync(call, CallTimeout, token => change(queue, part, token)).ConfigureAwait(false);
            }

            return Count(call, changed);
        }

        // Each list has the bodies of its items, so the items are listed in parts as well. An item that fails again meanwhile is not changed
        // twice, and items that fail meanwhile do not make this endless.
        var (count, done) = (0, new HashSet<long>());
        var all = (await CallAsync(call, CallTimeout, queue.GetDepthAsync).ConfigureAwait(false)).Dead;
        while (done.Count < all)
        {
            var dead = await CallAsync(call, CallTimeout, token => queue.GetDeadAsync(MaxPart, token)).ConfigureAwait(false);
            var ids = dead.Select(item => item.Id).Where(done.Add).ToList();
            if (ids.Count == 0)
            {
                break;
            }

            count += await CallAsync(call, CallTimeout, token => change(queue, ids, token)).ConfigureAwait(false);
        }

        return Count(call, count);
    }

    private static byte[] Count(ControlCall call, int count) => call.Result(new CountObject(count));

    /// <summary>Returns the numbers of a queue. If its store is not available, the others are still shown.</summary>
    private static async Task<QueueObject> DepthAsync(ControlCall call, IQueueAdministration queue)
    {
        try
        {
            return queue.ToObject(await CallAsync(call, DepthTimeout, queue.GetDepthAsync).ConfigureAwait(false));
        }
        catch (Exception e) when (!call.Cancelled.IsCancellationRequested)
        {
            return new QueueObject { Name = queue.Name, Store = queue.Store, Error = ExceptionText.Summary(e) };
        }
    }

    private static IQueueAdministration Queue(ControlCall call)
    {
        var name = call.Request.Queue ?? throw ControlError.Usage($"'{call.Request.Do}' needs the field queue.");
        var all = call.Host.Queues();
        return all.FirstOrDefault(q => q.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw ControlError.NotFound(
            all.Count == 0 ? "The program has no queues." : $"There is no queue '{name}'. Queues: {string.Join(", ", all.Select(q => q.Name))}.");
    }

    private static async Task<T> CallAsync<T>(ControlCall call, TimeSpan timeout, Func<CancellationToken, Task<T>> queue)
    {
        using var limit = new CancellationTokenSource(timeout, call.Host.Clock);
        try
        {
            // A queue may ignore its token, so this wait enforces the limit.
            return await Task.Run(() => queue(limit.Token), limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new ControlError(ControlError.FailedCode, $"The queue has not answered within {timeout.TotalSeconds} seconds.");
        }
    }
}
