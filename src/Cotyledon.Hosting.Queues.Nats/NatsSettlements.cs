using System.Globalization;
using System.Threading.Channels;
using Cotyledon.Hosting.Queues.Delivery;
using Channels = System.Threading.Channels.Channel;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>Tells the server what became of items, one after the other, as soon as it can be told.</summary>
internal sealed class NatsSettlements(NatsLink link, HeldItems held, NatsPublisher publisher)
{
    private readonly Channel<(QueueItem Item, QueueOutcome Outcome)> _waiting =
        Channels.CreateUnbounded<(QueueItem, QueueOutcome)>(new UnboundedChannelOptions { SingleReader = true });

    public void Add(QueueItem item, QueueOutcome outcome) => _waiting.Writer.TryWrite((item, outcome));

    /// <summary>What was added so far is the last.</summary>
    public void End() => _waiting.Writer.TryComplete();

    /// <summary>Ends when the last is told.</summary>
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
            // Given up: the server gives the rest of them to somebody again.
        }
    }

    private async Task SettleAsync(QueueItem item, QueueOutcome outcome, CancellationToken cancellationToken)
    {
        var place = (HeldItem)item.Tag!;
        if (outcome == QueueOutcome.Dead)
        {
            await BuryAsync(item, place, cancellationToken).ConfigureAwait(false);
        }

        while (true)
        {
            var lost = await link.ReadyAsync(cancellationToken).ConfigureAwait(false);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lost);
            try
            {
                await held.SayAsync(place, outcome == QueueOutcome.Dead ? HeldItems.NeverAgain : HeldItems.Done, end.Token)
                    .ConfigureAwait(false);
                held.Forget(place);
                return;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                link.Suspect();
            }
        }
    }

    private async Task BuryAsync(QueueItem item, HeldItem place, CancellationToken cancellationToken)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{place.Sequence}-{place.Stored.UtcTicks}");
        try
        {
            await publisher.PublishAsync(link.Names.DeadSubject, [new OutgoingItem(item.Body, id, item.Attempts)], cancellationToken).ConfigureAwait(false);
        }
        catch (QueueException)
        {
            // The server took it once, and not any more: it would come back for ever.
        }
    }
}
