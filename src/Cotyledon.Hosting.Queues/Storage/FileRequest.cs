namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>A request to the thread that owns the file.</summary>
internal abstract class FileRequest
{
    public abstract void Run();

    public abstract void Fail(QueueException cause);
}

/// <inheritdoc/>
internal sealed class FileRequest<T>(Func<T> question) : FileRequest
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override void Run() => _answer.SetResult(question());

    public override void Fail(QueueException cause) => _answer.SetException(cause);
}
