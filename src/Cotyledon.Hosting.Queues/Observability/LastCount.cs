namespace Cotyledon.Hosting.Queues.Observability;

/// <summary>
/// A number of items in a store, without waiting for the store. Each call starts a new query and returns the last known result: a store that
/// takes time to answer is one call behind, and while its server is unavailable the previous number is returned.
/// </summary>
internal sealed class LastCount(Func<CancellationToken, Task<long>> query)
{
    private readonly Lock _gate = new();
    private Task<long>? _asking;
    private long? _last;

    /// <summary>Returns the last known number, or <see langword="null"/> until the store has answered for the first time.</summary>
    public long? GetLast()
    {
        lock (_gate)
        {
            Take();
            if (_asking is null)
            {
                _asking = Ask();
                Take();
            }

            return _last;
        }
    }

    private Task<long> Ask()
    {
        try
        {
            return query(CancellationToken.None);
        }
        catch (Exception e)
        {
            return Task.FromException<long>(e);
        }
    }

    private void Take()
    {
        if (_asking is not { IsCompleted: true } asked)
        {
            return;
        }

        _asking = null;
        if (asked.IsCompletedSuccessfully)
        {
            _last = asked.Result;
        }
        else
        {
            // Observed, so that it does not raise UnobservedTaskException. The store reports its problems itself.
            _ = asked.Exception;
        }
    }
}
