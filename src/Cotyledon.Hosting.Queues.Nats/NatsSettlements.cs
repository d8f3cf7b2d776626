using System.Globalization;
using System.Threading.Channels;
using Cotyledon.Hosting.Queues.Extensibility;
using Channels = System.Threading.Channels.Channel;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>Sends the outcomes of items to the server, one after the other, and waits while the connection is not ready.</summary>
internal sealed class NatsSettlements(NatsLink link, HeldItems held, NatsPublisher publisher)
{
    private readonly Channel<(QueueItem Item, QueueOutcome Outcome)> _waiting =
        Channels.CreateUnbounded<(QueueItem, QueueOutcome)>(new UnboundedChannelOptions { SingleReader = true });

    public void Add(QueueItem item, QueueOutcome outcome) => _waiting.Writer.TryWrite((item, outcome));

    /// <summary>Accepts no more outcomes. Those that were added before are still sent.</summary>
    public void End() => _waiting.Writer.TryComplete();

    /// <summary>Runs until the last outcome was sent.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var (item, outcome) in _waiting.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
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
        if (outcome == QueueOutcome.Dead)
        {
            await PublishDeadAsync(item, heldItem, cancellationToken).ConfigureAwait(false);
        }

        while (true)
        {
            var lost = await link.ReadyAsync(cancellationToken).ConfigureAwait(false);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lost);
            try
            {
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
    }

    private async Task PublishDeadAsync(QueueItem item, HeldItem heldItem, CancellationToken cancellationToken)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{heldItem.Sequence}-{heldItem.Stored.UtcTicks}");
        try
        {
            await publisher.PublishAsync(link.Names.DeadSubject, [new OutgoingItem(item.Body, id, item.Attempts)], cancellationToken).ConfigureAwait(false);
        }
        catch (QueueException)
        {
            // The server has accepted this item before and refuses it now, for example because max_payload was reduced. The item is
            // dropped: otherwise the server would deliver it again and again.
        }
    }
}
