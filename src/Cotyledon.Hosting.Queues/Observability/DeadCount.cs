using Cotyledon.Hosting.Queues.Storage;

namespace Cotyledon.Hosting.Queues.Observability;

/// <summary>
/// How many dead items a store has, as it said last. Each look asks it again and does not wait: a store whose answer takes time is
/// one look behind, and one whose server is away says what it knew before.
/// </summary>
internal sealed class DeadCount(IQueueStore store)
{
    private readonly Lock _gate = new();
    private Task<long>? _asking;
    private long? _last;

    /// <summary><see langword="null"/> until the store has said it.</summary>
    public long? Look()
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
            return store.CountDeadAsync(CancellationToken.None);
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
            // Looked at, so that nobody reports it as forgotten. The store says itself what is wrong.
            _ = asked.Exception;
        }
    }
}
