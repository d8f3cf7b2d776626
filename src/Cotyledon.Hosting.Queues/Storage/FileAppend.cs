namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Items of one caller, who waits until they are stored.</summary>
internal sealed class FileAppend(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<ReadOnlyMemory<byte>> Bodies => bodies;

    public Task Stored => _stored.Task;

    /// <summary>The last moment to turn back: once it is being written the caller hears how that ended.</summary>
    public bool WasCancelled() => cancellationToken.IsCancellationRequested && _stored.TrySetCanceled(cancellationToken);

    public void Complete() => _stored.SetResult();

    public void Fail(QueueException cause) => _stored.SetException(cause);
}
