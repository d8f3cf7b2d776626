namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>The items of one caller that waits until they are stored.</summary>
internal sealed class FileAppend(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<ReadOnlyMemory<byte>> Bodies => bodies;

    public Task Stored => _stored.Task;

    /// <summary>Cancels the append if its caller has cancelled it. Afterwards it cannot be cancelled: the caller gets the result.</summary>
    public bool WasCancelled() => cancellationToken.IsCancellationRequested && _stored.TrySetCanceled(cancellationToken);

    public void Complete() => _stored.SetResult();

    public void Fail(QueueException cause) => _stored.SetException(cause);
}
