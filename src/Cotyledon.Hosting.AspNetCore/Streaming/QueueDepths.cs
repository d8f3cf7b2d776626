using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.AspNetCore.Streaming;

/// <summary>The numbers of all queues, as they were last read. A store may need time or fail; the page does not wait for it.</summary>
internal sealed class QueueDepths(IReadOnlyList<IQueueAdministration> queues, TimeProvider clock)
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(2);

    public IReadOnlyList<QueueObject> Current { get; private set; } = [];

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (queues.Count > 0)
        {
            Current = await Task.WhenAll(queues.Select(queue => ReadAsync(queue, cancellationToken))).ConfigureAwait(false);
        }
    }

    private async Task<QueueObject> ReadAsync(IQueueAdministration queue, CancellationToken cancellationToken)
    {
        try
        {
            var depth = queue.GetDepthAsync(cancellationToken).WaitAsync(ReadTimeout, clock, cancellationToken);
            return queue.ToObject(await depth.ConfigureAwait(false));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = exception is TimeoutException ? "The store did not answer in time." : exception.Message;
            return new QueueObject { Name = queue.Name, Store = queue.Store, Error = reason };
        }
    }
}
