using NATS.Client.Core;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>
/// The items that the server has given to this master. It hears from time to time that they are not forgotten, or it would give them
/// to others.
/// </summary>
internal sealed class HeldItems : IAsyncDisposable
{
    public static readonly byte[] Done = "+ACK"u8.ToArray();
    public static readonly byte[] NeverAgain = "+TERM"u8.ToArray();
    private static readonly byte[] InProgress = "+WPI"u8.ToArray();
    private static readonly byte[] NotMine = "-NAK"u8.ToArray();

    /// <summary>So many of the items that were settled last are known, should the server not have heard of it.</summary>
    private const int MaxSettled = 100_000;

    private readonly NatsLink _link;
    private readonly TimeSpan _ackWait;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, HeldItem> _held = [];
    private readonly HashSet<(long Sequence, DateTimeOffset Stored)> _settled = [];
    private readonly Queue<(long Sequence, DateTimeOffset Stored)> _settledInOrder = new();
    private int _isReporting;

    public HeldItems(NatsLink link, TimeSpan ackWait, TimeProvider clock)
    {
        _link = link;
        _ackWait = ackWait;
        _clock = clock;
        _timer = clock.CreateTimer(_ => _ = ReportAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The server has given an item.</summary>
    /// <returns>False where it had been given before: it is not to be passed on a second time.</returns>
    public bool TryHold(HeldItem item)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(item.Sequence, out var earlier))
            {
                (earlier.Reply, earlier.SaidAt) = (item.Reply, item.SaidAt);
                return false;
            }

            if (_settled.Contains((item.Sequence, item.Stored)))
            {
                _ = TrySayAsync(item, Done);
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

    /// <summary>The server was told that it is done with.</summary>
    public void Forget(HeldItem item)
    {
        Release(item);
        lock (_gate)
        {
            var key = (item.Sequence, item.Stored);
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

    /// <summary>IdleService here wants it any more; others may.</summary>
    public void GiveBack(HeldItem item)
    {
        Release(item);
        _ = TrySayAsync(item, NotMine);
    }

    /// <summary>Gives all back, so that others get them at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        List<HeldItem> held;
        lock (_gate)
        {
            held = [.. _held.Values];
            _held.Clear();
        }

        // Without the server they come back by themselves, later.
        if (_link.IsReady && held.Count > 0)
        {
            using var timeout = new CancellationTokenSource(NatsLink.AnswerTimeout, _clock);
            try
            {
                foreach (var item in held)
                {
                    await SayAsync(item, NotMine, timeout.Token).ConfigureAwait(false);
                }

                await _link.Connection.PingAsync(timeout.Token).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // As above.
            }
        }
    }

    /// <summary>Tells the server something of an item. It does not answer.</summary>
    public ValueTask SayAsync(HeldItem item, byte[] word, CancellationToken cancellationToken) =>
        _link.Connection.PublishAsync(item.Reply, word, serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: cancellationToken);

    private void Release(HeldItem item)
    {
        lock (_gate)
        {
            if (_held.Remove(item.Sequence) && _held.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private async Task TrySayAsync(HeldItem item, byte[] word)
    {
        try
        {
            await SayAsync(item, word, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The item comes once more, to whomever.
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
                old = [.. _held.Values.Where(i => _clock.GetElapsedTime(i.SaidAt, now) >= _ackWait / 3)];
                old.ForEach(i => i.SaidAt = now);
            }

            using var timeout = new CancellationTokenSource(_ackWait / 3, _clock);
            foreach (var item in old)
            {
                await SayAsync(item, InProgress, timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException)
        {
            // Another time. Where there is none in time, the items are given to others, and completed twice.
        }
        finally
        {
            Volatile.Write(ref _isReporting, 0);
        }
    }
}
