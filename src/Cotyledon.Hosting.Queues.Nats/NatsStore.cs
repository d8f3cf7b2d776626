using Cotyledon.Hosting.Queues.Extensibility;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>
/// A queue in JetStream. This master holds only the items that its readers want, and returns them when it stops. All other items stay on
/// the server, for any machine.
/// </summary>
internal sealed class NatsStore : IQueueStore
{
    /// <summary>The server delivers the items of a machine that has failed to other machines after this time.</summary>
    public static readonly TimeSpan DefaultAckWait = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _clock;
    private readonly NatsLink _link;
    private readonly NatsPublisher _publisher;
    private readonly HeldItems _held;
    private readonly NatsSettlements _settlements;
    private readonly NatsPuller _puller;
    private readonly NatsDead _dead;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _giveUp = new();
    private Task _pulling = Task.CompletedTask;
    private Task _settling = Task.CompletedTask;
    private IQueueFeed? _feed;

    public NatsStore(string queue, CotyledonQueueOptions options, TimeSpan ackWait, TimeProvider clock, ILogger logger)
    {
        _clock = clock;
        _link = new NatsLink(queue, options, ackWait, clock, logger);
        _publisher = new NatsPublisher(_link);
        _held = new HeldItems(_link, ackWait, clock);
        _settlements = new NatsSettlements(_link, _held, _publisher, retryDelay: 2 * ackWait);
        _puller = new NatsPuller(_link, clock, OnArrived);
        _dead = new NatsDead(_link, _publisher);
    }

    public string? HealthIssue => _link.Health.Text;

    /// <summary>Always 0, which means that only the server knows it. The server also enforces the capacity: the limit of messages in the stream.</summary>
    public long Count => 0;

    /// <summary>Does not wait for the server: the program can start without it.</summary>
    public Task OpenAsync(IQueueFeed feed, CancellationToken cancellationToken)
    {
        _feed = feed;
        _link.Start();
        _pulling = Task.Run(() => _puller.RunAsync(_stop.Token), cancellationToken);
        _settling = Task.Run(() => _settlements.RunAsync(_giveUp.Token), cancellationToken);
        return Task.CompletedTask;
    }

    public Task AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken) =>
        _publisher.PublishAsync(_link.Names.Subject, [.. bodies.Select(b => new OutgoingItem(b, Nuid.NewNuid()))], cancellationToken);

    public void Want(long count) => _puller.Want(count);

    public void Settle(QueueItem item, QueueOutcome outcome)
    {
        // A returned item stays in this master, and the server still considers it as delivered to this master.
        if (outcome != QueueOutcome.Returned)
        {
            _settlements.Add(item, outcome);
        }
    }

    public Task<long> CountAsync(CancellationToken cancellationToken) => _dead.CountAsync(_link.Names.Stream, cancellationToken);

    public Task<long> CountDeadAsync(CancellationToken cancellationToken) => _dead.CountAsync(cancellationToken);

    public Task<IReadOnlyList<QueueItem>> GetDeadAsync(long after, int max, CancellationToken cancellationToken) => _dead.GetAsync(after, max, cancellationToken);

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => _dead.RetryAsync(ids, cancellationToken);

    public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => _dead.DeleteAsync(ids, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _pulling.ConfigureAwait(false);
        _settlements.End();
        if (!_link.IsReady)
        {
            await _giveUp.CancelAsync().ConfigureAwait(false);
        }

        using (_clock.CreateTimer(_ => _giveUp.Cancel(), null, NatsLink.AnswerTimeout, Timeout.InfiniteTimeSpan))
        {
            await _settling.ConfigureAwait(false);
        }

        await _held.DisposeAsync().ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
        _giveUp.Dispose();
    }

    private void OnArrived(IReadOnlyList<NatsMsg<byte[]>> messages, long wanted)
    {
        var items = new List<QueueItem>(messages.Count);
        foreach (var message in messages)
        {
            if (new NatsJSMsg<byte[]>(message, _link.Js).Metadata is not { } metadata)
            {
                continue;
            }

            var held = new HeldItem((long)metadata.Sequence.Stream, metadata.Timestamp, message.ReplyTo!, _clock.GetTimestamp());
            if (!_held.TryHold(held))
            {
                continue;
            }

            if (_held.RefusedAttempts(held) is { } attempts)
            {
                // Its attempts are used up; only its record as a dead item is missing.
                _settlements.Add(new QueueItem(held.Sequence, message.Data ?? []) { Attempts = attempts, Tag = held }, QueueOutcome.Dead);
                continue;
            }

            if (items.Count >= wanted)
            {
                _held.GiveBack(held);
            }
            else
            {
                // DeliveryState counts this delivery itself when it assigns the item to a consumer.
                var earlier = (int)Math.Min(metadata.NumDelivered - 1, int.MaxValue / 2);
                items.Add(new QueueItem(held.Sequence, message.Data ?? []) { Attempts = earlier, Tag = held });
            }
        }

        if (items.Count > 0 && !_stop.IsCancellationRequested)
        {
            _feed!.Add(items);
        }
    }
}
