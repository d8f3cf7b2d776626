namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>
/// The bytes that the master holds for the requests of one worker. The <see cref="RequestWindow"/> of a worker has the same limit, so a
/// request is refused only if the worker does not keep to it.
/// </summary>
internal sealed class RequestBudget(long limit)
{
    private long _held;

    public long Held => Volatile.Read(ref _held);

    /// <summary>
    /// Adds a request. One request can exceed the limit, so that a request of any size is possible while no other is held. Called by one
    /// thread.
    /// </summary>
    /// <returns>False if the request must be refused.</returns>
    public bool TryTake(long size)
    {
        if (Held >= limit)
        {
            return false;
        }

        Interlocked.Add(ref _held, size);
        return true;
    }

    /// <summary>Removes a request. Called before the answer is written, because the answer lets the worker send its next request.</summary>
    public void Free(long size) => Interlocked.Add(ref _held, -size);
}
