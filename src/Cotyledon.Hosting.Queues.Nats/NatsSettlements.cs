using System.Globalization;
using System.Threading.Channels;
using Cotyledon.Hosting.Queues.Extensibility;
using Channels = System.Threading.Channels.Channel;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>
/// Sends the outcomes of items to the server, one after the other, and waits while the connection is not ready. Dead items are handled separately:
/// each of them waits for the server, and the completed items must not wait for them.
/// </summary>
internal sealed class NatsSettlements(NatsLink link, HeldItems held, NatsPublisher publisher, TimeSpan retryDelay)
{
    private readonly Channel<QueueItem> _completed = Channels.CreateUnbounded<QueueItem>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<QueueItem> _dead = Channels.CreateUnbounded<QueueItem>(new UnboundedChannelOptions { SingleReader = true });

    public void Add(QueueItem item, QueueOutcome outcome) => (outcome == QueueOutcome.Dead ? _dead : _completed).Writer.TryWrite(item);

    /// <summary>Accepts no more outcomes. Those that were added before are still sent.</summary>
    public void End()
    {
        _completed.Writer.TryComplete();
        _dead.Writer.TryComplete();
    }

    /// <summary>Runs until the last outcome was sent.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        RunAsync(_completed, QueueOutcome.Completed, cancellationToken), RunAsync(_dead, QueueOutcome.Dead, cancellationToken));

    private async Task RunAsync(Channel<QueueItem> items, QueueOutcome outcome, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in items.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await SettleAsync(item, outcome, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Aborted: the server delivers the remaining items again.
        }
    }

    private async Task SettleAsync(QueueItem item, QueueOutcome outcome, CancellationToken cancellationToken)
    {
        var heldItem = (HeldItem)item.Tag!;
        var isRefused = outcome == QueueOutcome.Dead && !await TryPublishDeadAsync(item, heldItem, cancellationToken).ConfigureAwait(false);

        // The number of a stale item is now the number of another item, which must not be settled.
        while (!heldItem.IsStale)
        {
            var lost = await link.ReadyAsync(cancellationToken).ConfigureAwait(false);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lost);
            try
            {
                if (isRefused)
                {
                    await held.ReturnLaterAsync(heldItem, retryDelay, end.Token).ConfigureAwait(false);
                    return;
                }

                await held.SendAsync(heldItem, outcome == QueueOutcome.Dead ? HeldItems.Terminated : HeldItems.Acknowledged, end.Token)
                    .ConfigureAwait(false);
                held.Forget(heldItem);
                return;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                link.Suspect();
            }
        }

        // A stale item: the server may now deliver the item that has its number.
        held.Forget(heldItem);
    }

    /// <returns>False if the server refuses the dead item. It then stays in the queue, because a terminated item would be lost.</returns>
    private async Task<bool> TryPublishDeadAsync(QueueItem item, HeldItem heldItem, CancellationToken cancellationToken)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{heldItem.Sequence}-{heldItem.Stored.UtcTicks}");
        try
        {
            await publisher.PublishAsync(link.Names.DeadSubject, [new OutgoingItem(item.Body, id, item.Attempts)], cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (QueueException e)
        {
            held.AddRefused(heldItem, item.Attempts);

            // The limits, the space or the rights may have been reduced since the item was stored, or the server has not answered in time.
            link.OnDeadItemRefused(item.Id, retryDelay, e.Message);
            return false;
        }
    }
}
