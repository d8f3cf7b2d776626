namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>A request of a worker, until it is answered.</summary>
/// <param name="number">Names it in its answer.</param>
/// <param name="size">What it costs the master, in bytes.</param>
/// <param name="window">Decides when it is sent.</param>
/// <param name="send">Sends it. Does not wait.</param>
internal sealed class WorkerRequest(int number, long size, RequestWindow window, Action<int> send)
{
    public int Number { get; } = number;

    public long Size { get; } = size;

    public RequestWindow Window { get; } = window;

    /// <summary>Where it waits to be sent; belongs to the window.</summary>
    public LinkedListNode<WorkerRequest>? Place { get; set; }

    public TaskCompletionSource<byte[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Send() => send(Number);
}
