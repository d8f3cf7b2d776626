using System.Globalization;
using System.Text;
using System.Threading.Channels;
using NATS.Client.Core;
using Channels = System.Threading.Channels.Channel;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>
/// Requests as many items from the server as are wanted here, and no more, because other machines need items as well. The server keeps a
/// request until items arrive or the request expires.
/// </summary>
internal sealed class NatsPuller
{
    private static readonly TimeSpan Expiry = TimeSpan.FromSeconds(30);

    /// <summary>If a server of a cluster dies, its open requests are lost. Only missing heartbeats show this.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(3);

    private static readonly NatsSubOpts SubscriptionOptions = new()
    {
        ChannelOpts = new NatsSubChannelOpts { Capacity = 1024, FullMode = BoundedChannelFullMode.Wait },
    };

    private readonly NatsLink _link;
    private readonly TimeProvider _clock;
    private readonly Action<IReadOnlyList<NatsMsg<byte[]>>, long> _arrived;
    private readonly string _request;
    private readonly Channel<bool> _changes = Channels.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private Task<bool>? _hasChanges;
    private long _wanted;

    /// <summary>Passes the items that arrive to <paramref name="arrived"/>, with the number of them that is wanted.</summary>
    public NatsPuller(NatsLink link, TimeProvider clock, Action<IReadOnlyList<NatsMsg<byte[]>>, long> arrived)
    {
        _link = link;
        _clock = clock;
        _arrived = arrived;
        _request = $"$JS.API.CONSUMER.MSG.NEXT.{link.Names.Stream}.{NatsNames.Consumer}";
    }

    public void Want(long count)
    {
        if (Interlocked.Exchange(ref _wanted, count) != count)
        {
            _changes.Writer.TryWrite(true);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                while (Volatile.Read(ref _wanted) == 0)
                {
                    await _changes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                }

                var lost = await _link.ReadyAsync(cancellationToken).ConfigureAwait(false);
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lost);
                try
                {
                    await SubscribeAsync(end.Token).ConfigureAwait(false);
                }
                catch (Exception) when (!cancellationToken.IsCancellationRequested)
                {
                    _link.Suspect();
                }
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    /// <summary>
    /// Reads items until the requested number is much larger than the wanted number. A request cannot be withdrawn, but the end of the
    /// subscription ends it.
    /// </summary>
    private async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        // Not an inbox of the connection: these share a subscription, so the server would not see the end of this one.
        var inbox = _link.Js.NewBaseInbox();
        var sub = await _link.Connection.SubscribeCoreAsync(
            inbox, serializer: NatsRawSerializer<byte[]>.Default, opts: SubscriptionOptions, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (sub.ConfigureAwait(false))
        {
            try
            {
                await ReadAsync(inbox, sub.Msgs, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                // Items on their way would be delivered again only after the ack wait. They are taken; those not wanted are given back.
                await sub.DrainAsync(CancellationToken.None).ConfigureAwait(false);
                long open = 0;
                Take(sub.Msgs, int.MaxValue, Volatile.Read(ref _wanted), ref open);
            }
        }
    }

    private async Task ReadAsync(string inbox, ChannelReader<NatsMsg<byte[]>> messages, CancellationToken cancellationToken)
    {
        const int MaxTaken = 1000;
        using var alarm = _clock.CreateTimer(_ => _changes.Writer.TryWrite(true), null, Heartbeat, Heartbeat);
        var heardAt = _clock.GetTimestamp();
        var isReadable = messages.WaitToReadAsync(cancellationToken).AsTask();
        long open = 0;
        while (true)
        {
            if (Take(messages, MaxTaken, MaxTaken, ref open))
            {
                heardAt = _clock.GetTimestamp();
                continue;
            }

            var wanted = Volatile.Read(ref _wanted);
            if (open > wanted + (wanted / 2))
            {
                return;
            }

            if (open == 0)
            {
                heardAt = _clock.GetTimestamp();
            }
            else if (_clock.GetElapsedTime(heardAt) > 2.5 * Heartbeat)
            {
                throw new TimeoutException("The server has sent no heartbeat.");
            }

            if (open < wanted)
            {
                await AskAsync(inbox, wanted - open, cancellationToken).ConfigureAwait(false);
                open = wanted;
            }

            isReadable = await WaitAsync(isReadable, messages, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a message, for a change of the wanted number, or for the timer.</summary>
    private async Task<Task<bool>> WaitAsync(Task<bool> isReadable, ChannelReader<NatsMsg<byte[]>> messages, CancellationToken cancellationToken)
    {
        if (_hasChanges is not { IsCompleted: false })
        {
            _hasChanges = _changes.Reader.WaitToReadAsync(cancellationToken).AsTask();
        }

        await Task.WhenAny(isReadable, _hasChanges).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        _changes.Reader.TryRead(out _);
        if (!isReadable.IsCompleted)
        {
            return isReadable;
        }

        return await isReadable.ConfigureAwait(false)
            ? messages.WaitToReadAsync(cancellationToken).AsTask()
            : throw new NatsException("The subscription has ended.");
    }

    private ValueTask AskAsync(string inbox, long count, CancellationToken cancellationToken)
    {
        const long NanosecondsPerTick = 100;
        var request = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"batch":{{count}},"expires":{{Expiry.Ticks * NanosecondsPerTick}},"idle_heartbeat":{{Heartbeat.Ticks * NanosecondsPerTick}}}""");
        return _link.Connection.PublishAsync(
            _request, Encoding.UTF8.GetBytes(request), replyTo: inbox, serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: cancellationToken);
    }

    /// <summary>Passes on the items that have arrived.</summary>
    /// <returns>True if any message has arrived, status messages included.</returns>
    private bool Take(ChannelReader<NatsMsg<byte[]>> messages, int max, long wanted, ref long open)
    {
        var items = new List<NatsMsg<byte[]>>();
        var hasHeard = false;
        while (items.Count < max && messages.TryRead(out var message))
        {
            hasHeard = true;
            if (message.ReplyTo?.StartsWith("$JS.ACK.", StringComparison.Ordinal) == true)
            {
                items.Add(message);
                open--;
            }
            else if (!TryReadStatus(message, ref open))
            {
                _link.Suspect();
            }
        }

        if (items.Count > 0)
        {
            _arrived(items, wanted);
        }

        return hasHeard;
    }

    /// <summary>Reads a status message of the server about a request.</summary>
    /// <returns>False if the message indicates a problem.</returns>
    private static bool TryReadStatus(NatsMsg<byte[]> message, ref long open)
    {
        const int IsAlive = 100;
        const int HasExpired = 408;
        if (message.Headers is { Code: IsAlive })
        {
            return true;
        }

        if (message.Headers is { Code: HasExpired } headers
            && headers.TryGetLastValue("Nats-Pending-Messages", out var pending)
            && long.TryParse(pending, NumberStyles.None, CultureInfo.InvariantCulture, out var rest))
        {
            open = Math.Max(0, open - rest);
            return true;
        }

        return false;
    }
}
