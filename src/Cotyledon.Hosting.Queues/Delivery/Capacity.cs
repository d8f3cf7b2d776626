namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>Makes callers that add items wait while the queue is full. The first to wait is the first to continue.</summary>
internal sealed class Capacity(Func<long> count, int? limit)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(int Count, TaskCompletionSource Admitted)> _waiting = new();
    private int _waiters;
    private long _reserved;

    /// <summary>Waits until there is room and reserves it until <see cref="Free"/>.</summary>
    public async Task ReserveAsync(int items, CancellationToken cancellationToken)
    {
        if (limit is null)
        {
            return;
        }

        LinkedListNode<(int Count, TaskCompletionSource Admitted)> place;
        lock (_gate)
        {
            if (_waiting.Count == 0 && HasRoom)
            {
                _reserved += items;
                return;
            }

            place = _waiting.AddLast((items, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
            Volatile.Write(ref _waiters, _waiting.Count);
        }

        // Room that became free before this call was counted as a waiter was not reported to it.
        OnRoom();
        await using var cancellation = cancellationToken.Register(() => Leave(place, cancellationToken)).ConfigureAwait(false);
        await place.Value.Admitted.Task.ConfigureAwait(false);
    }

    /// <summary>Frees a reservation, after the items were stored or could not be stored.</summary>
    public void Free(int items)
    {
        if (limit is null)
        {
            return;
        }

        lock (_gate)
        {
            _reserved -= items;
        }

        OnRoom();
    }

    public void OnRoom()
    {
        if (Volatile.Read(ref _waiters) == 0)
        {
            return;
        }

        lock (_gate)
        {
            while (_waiting.First is { } first && HasRoom)
            {
                _waiting.RemoveFirst();
                _reserved += first.Value.Count;
                first.Value.Admitted.SetResult();
            }

            Volatile.Write(ref _waiters, _waiting.Count);
        }
    }

    private bool HasRoom => count() + _reserved < limit;

    private void Leave(LinkedListNode<(int Count, TaskCompletionSource Admitted)> place, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
                Volatile.Write(ref _waiters, _waiting.Count);
                place.Value.Admitted.SetCanceled(cancellationToken);
            }
        }
    }
}
