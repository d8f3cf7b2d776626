namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>
/// Sends the requests of a worker in their order, while the bytes of those that have no answer yet are below a limit. Later ones wait
/// in the worker's own memory, so that a queue that is full does not fill the master's.
/// </summary>
/// <remarks>
/// The master does not stop reading from a worker instead: completions come on the same connection, and without them a full queue
/// would stay full.
/// </remarks>
internal sealed class RequestWindow(long limit)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<WorkerRequest> _waiting = new();
    private long _outstanding;

    public void Send(WorkerRequest request)
    {
        lock (_gate)
        {
            request.Place = _waiting.AddLast(request);
            SendNext();
        }
    }

    /// <summary>A request that was sent has its answer.</summary>
    public void OnAnswered(WorkerRequest request)
    {
        lock (_gate)
        {
            _outstanding -= request.Size;
            SendNext();
        }
    }

    /// <returns>Whether it had not been sent yet; then it will not be.</returns>
    public bool TryRemove(WorkerRequest request)
    {
        lock (_gate)
        {
            if (request.Place is not { } place)
            {
                return false;
            }

            request.Place = null;
            _waiting.Remove(place);
            return true;
        }
    }

    private void SendNext()
    {
        while (_waiting.First is { } first && _outstanding < limit)
        {
            var request = first.Value;
            _waiting.Remove(first);
            request.Place = null;
            _outstanding += request.Size;
            try
            {
                request.Send();
            }
            catch (QueueException e)
            {
                // Too large for a frame. This may be the thread that reads answers for others.
                _outstanding -= request.Size;
                request.Answer.TrySetException(e);
            }
        }
    }
}
