namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>
/// The bytes that the master holds for the requests of one worker. A worker keeps to the same limit by its <see cref="RequestWindow"/>,
/// so that only one that does not is refused.
/// </summary>
internal sealed class RequestBudget(long limit)
{
    private long _held;

    public long Held => Volatile.Read(ref _held);

    /// <summary>One request may go beyond the limit: each is possible while nothing else is held. For one thread.</summary>
    /// <returns>False where the request must be refused.</returns>
    public bool TryTake(long size)
    {
        if (Held >= limit)
        {
            return false;
        }

        Interlocked.Add(ref _held, size);
        return true;
    }

    /// <summary>Called before the answer is written: it lets the worker send the next request.</summary>
    public void Free(long size) => Interlocked.Add(ref _held, -size);
}
