using System.Globalization;
using System.Text;
using NATS.Client.Core;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>
/// The items that the server has delivered to this master and that are not settled. Progress messages at intervals keep the server from
/// delivering them to other machines.
/// </summary>
internal sealed class HeldItems : IAsyncDisposable
{
    public static readonly byte[] Acknowledged = "+ACK"u8.ToArray();
    public static readonly byte[] Terminated = "+TERM"u8.ToArray();
    private static readonly byte[] InProgress = "+WPI"u8.ToArray();
    private static readonly byte[] Returned = "-NAK"u8.ToArray();

    /// <summary>
    /// The number of settled items that are remembered. If the settlement of one of them was lost, the server delivers the item again, and
    /// it must not be handled twice.
    /// </summary>
    private const int MaxSettled = 100_000;

    private readonly NatsLink _link;
    private readonly TimeSpan _ackWait;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, HeldItem> _held = [];
    private readonly HashSet<(long Sequence, DateTimeOffset Stored)> _settled = [];
    private readonly Queue<(long Sequence, DateTimeOffset Stored)> _settledInOrder = new();
    private readonly Dictionary<(long Sequence, DateTimeOffset Stored), int> _refused = [];
    private int _isReporting;

    public HeldItems(NatsLink link, TimeSpan ackWait, TimeProvider clock)
    {
        _link = link;
        _ackWait = ackWait;
        _clock = clock;
        _timer = clock.CreateTimer(_ => _ = ReportAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Adds an item that the server has delivered.</summary>
    /// <returns>False if the server has delivered it before: it must not be passed on a second time.</returns>
    public bool TryHold(HeldItem item)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(item.Sequence, out var earlier))
            {
                if (earlier.Stored == item.Stored)
                {
                    (earlier.Reply, earlier.ReportedAt) = (item.Reply, item.ReportedAt);
                    return false;
                }

                // The readers know an item by its number alone, so this one has to wait until the earlier one is settled.
                earlier.IsStale = true;
                _ = TrySendAsync(item, ReturnedFor(_ackWait));
                return false;
            }

            if (_settled.Contains((item.Sequence, item.Stored)))
            {
                _ = TrySendAsync(item, Acknowledged);
                return false;
            }

            _held.Add(item.Sequence, item);
            if (_held.Count == 1)
            {
                _timer.Change(_ackWait / 6, _ackWait / 6);
            }

            return true;
        }
    }

    /// <summary>Removes an item after its settlement was sent to the server, and remembers it as settled.</summary>
    public void Forget(HeldItem item)
    {
        Release(item);
        lock (_gate)
        {
            var key = (item.Sequence, item.Stored);
            _refused.Remove(key);
            if (_settled.Add(key))
            {
                _settledInOrder.Enqueue(key);
                if (_settledInOrder.Count > MaxSettled)
                {
                    _settled.Remove(_settledInOrder.Dequeue());
                }
            }
        }
    }

    /// <summary>Returns an item that is no longer wanted here to the server, for other machines.</summary>
    public void GiveBack(HeldItem item)
    {
        Release(item);
        _ = TrySendAsync(item, Returned);
    }

    /// <summary>The number of attempts of an item that the server has refused as a dead item; <see langword="null"/> for all other items.</summary>
    public int? RefusedAttempts(HeldItem item)
    {
        lock (_gate)
        {
            return _refused.TryGetValue((item.Sequence, item.Stored), out var attempts) ? attempts : null;
        }
    }

    /// <summary>Remembers an item that the server has refused as a dead item, so that it is not delivered to readers again.</summary>
    public void AddRefused(HeldItem item, int attempts)
    {
        lock (_gate)
        {
            if (_refused.Count < MaxSettled)
            {
                _refused[(item.Sequence, item.Stored)] = attempts;
            }
        }
    }

    /// <summary>Returns an item to the server, which delivers it again after a delay, here or on another machine.</summary>
    public ValueTask ReturnLaterAsync(HeldItem item, TimeSpan delay, CancellationToken cancellationToken)
    {
        Release(item);
        return SendAsync(item, ReturnedFor(delay), cancellationToken);
    }

    /// <summary>Returns all items to the server, so that it delivers them to other machines at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        List<HeldItem> held;
        lock (_gate)
        {
            held = [.. _held.Values.Where(i => !i.IsStale)];
            _held.Clear();
        }

        // Without a connection the server delivers them again after the ack wait.
        if (_link.IsReady && held.Count > 0)
        {
            using var timeout = new CancellationTokenSource(NatsLink.AnswerTimeout, _clock);
            try
            {
                foreach (var item in held)
                {
                    await SendAsync(item, Returned, timeout.Token).ConfigureAwait(false);
                }

                await _link.Connection.PingAsync(timeout.Token).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // As above: the server delivers the items again after the ack wait.
            }
        }
    }

    /// <summary>Sends a message about an item to the server. The server does not answer.</summary>
    public ValueTask SendAsync(HeldItem item, byte[] message, CancellationToken cancellationToken) =>
        _link.Connection.PublishAsync(
            item.Reply, message, serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: cancellationToken);

    private static byte[] ReturnedFor(TimeSpan delay) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"-NAK {{\"delay\": {(long)delay.TotalNanoseconds}}}"));

    private void Release(HeldItem item)
    {
        lock (_gate)
        {
            // Not a later delivery of the same item.
            if (_held.GetValueOrDefault(item.Sequence) == item && _held.Remove(item.Sequence) && _held.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private async Task TrySendAsync(HeldItem item, byte[] message)
    {
        try
        {
            await SendAsync(item, message, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The server delivers the item again, to this machine or another.
        }
    }

    private async Task ReportAsync()
    {
        if (!_link.IsReady || Interlocked.Exchange(ref _isReporting, 1) != 0)
        {
            return;
        }

        try
        {
            var now = _clock.GetTimestamp();
            List<HeldItem> old;
            lock (_gate)
            {
                old = [.. _held.Values.Where(i => !i.IsStale && _clock.GetElapsedTime(i.ReportedAt, now) >= _ackWait / 3)];
                old.ForEach(i => i.ReportedAt = now);
            }

            using var timeout = new CancellationTokenSource(_ackWait / 3, _clock);
            foreach (var item in old)
            {
                await SendAsync(item, InProgress, timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException)
        {
            // Sent again in the next interval. If that is too late, the server delivers the items to other machines, and they are handled
            // twice.
        }
        finally
        {
            Volatile.Write(ref _isReporting, 0);
        }
    }
}
