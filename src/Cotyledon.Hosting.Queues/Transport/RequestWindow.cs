namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>
/// Sends the requests of a worker in their order, while the unanswered ones are below a limit in bytes. Later requests wait in the memory
/// of the worker, so that a full queue does not fill the memory of the master.
/// </summary>
/// <remarks>
/// Rejected alternative: the master stops reading from the worker. Completions arrive on the same connection, and without them a full queue
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

    /// <summary>Called when a request was answered. Sends waiting requests.</summary>
    public void OnAnswered(WorkerRequest request)
    {
        lock (_gate)
        {
            _outstanding -= request.Size;
            SendNext();
        }
    }

    /// <summary>Removes a request that was not sent yet.</summary>
    /// <returns>False if it was sent already.</returns>
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
                // Too large for a frame. Not thrown: this may be the thread that reads the answers of other requests.
                _outstanding -= request.Size;
                request.Answer.TrySetException(e);
            }
        }
    }
}
