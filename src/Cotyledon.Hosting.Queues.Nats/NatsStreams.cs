using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>
/// Creates the streams of a queue and the consumer. All machines share them; the first machine that connects creates them.
/// </summary>
internal sealed class NatsStreams(NatsNames names, int? capacity, TimeSpan ackWait)
{
    /// <summary>With three replicas, a majority is left if one server fails.</summary>
    private const int Replicas = 3;

    private const int NotFound = 404;
    private const int NotClustered = 10074;
    private const int TooFewServers = 10005;
    private const int TooFewServersWithSpace = 10023;

    /// <returns>The number of items in the queue.</returns>
    public async Task<long> EnsureAsync(NatsJSContext js, CancellationToken cancellationToken)
    {
        var count = await EnsureAsync(js, Items(), cancellationToken).ConfigureAwait(false);
        await EnsureAsync(js, Dead(), cancellationToken).ConfigureAwait(false);
        await js.CreateOrUpdateConsumerAsync(names.Stream, Consumer(), cancellationToken).ConfigureAwait(false);
        return count;
    }

    private StreamConfig Items() => new(names.Stream, [names.Subject])
    {
        Retention = StreamConfigRetention.Workqueue,
        Storage = StreamConfigStorage.File,
        Discard = StreamConfigDiscard.New,
        MaxMsgs = capacity ?? -1,
    };

    private StreamConfig Dead() => new(names.DeadStream, [names.DeadSubject])
    {
        Retention = StreamConfigRetention.Limits,
        Storage = StreamConfigStorage.File,
        MaxMsgs = -1,
    };

    private ConsumerConfig Consumer() => new(NatsNames.Consumer)
    {
        DurableName = NatsNames.Consumer,
        AckPolicy = ConsumerConfigAckPolicy.Explicit,
        AckWait = ackWait,
        MaxDeliver = -1, // No limit: the master counts the attempts.
        MaxAckPending = 1_000_000,
        MaxWaiting = 4096,
    };

    private static async Task<long> EnsureAsync(NatsJSContext js, StreamConfig wanted, CancellationToken cancellationToken)
    {
        StreamInfo found;
        try
        {
            found = (await js.GetStreamAsync(wanted.Name!, cancellationToken: cancellationToken).ConfigureAwait(false)).Info;
        }
        catch (NatsJSApiException e) when (e.Error.Code == NotFound)
        {
            await CreateAsync(js, wanted, cancellationToken).ConfigureAwait(false);
            return 0;
        }

        if (found.Config.Retention != wanted.Retention)
        {
            throw new QueueException(
                $"The stream {wanted.Name} exists already, with another retention policy, so this library did not create it. Rename the queue, or "
                + "delete the stream if its messages are no longer needed.");
        }

        if (found.Config.MaxMsgs != wanted.MaxMsgs)
        {
            await js.UpdateStreamAsync(found.Config with { MaxMsgs = wanted.MaxMsgs }, cancellationToken).ConfigureAwait(false);
        }

        return found.State.Messages;
    }

    private static async Task CreateAsync(NatsJSContext js, StreamConfig wanted, CancellationToken cancellationToken)
    {
        try
        {
            await js.CreateStreamAsync(wanted with { NumReplicas = Replicas }, cancellationToken).ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode is NotClustered or TooFewServers or TooFewServersWithSpace)
        {
            await js.CreateStreamAsync(wanted with { NumReplicas = 1 }, cancellationToken).ConfigureAwait(false);
        }
    }
}
