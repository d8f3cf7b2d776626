namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>A request of a worker, until it is answered.</summary>
internal sealed class WorkerRequest(int number, long size, RequestWindow window, Action<int> send)
{
    /// <summary>Identifies the request in its answer.</summary>
    public int Number { get; } = number;

    /// <summary>The memory that the request needs in the master, in bytes.</summary>
    public long Size { get; } = size;

    public RequestWindow Window { get; } = window;

    /// <summary>Its place among the requests that wait to be sent; used by the window only.</summary>
    public LinkedListNode<WorkerRequest>? Place { get; set; }

    public TaskCompletionSource<byte[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Send() => send(Number);
}
