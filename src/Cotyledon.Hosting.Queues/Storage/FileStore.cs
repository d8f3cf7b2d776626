using Cotyledon.Hosting.Queues.Extensibility;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>
/// Keeps the items in a file that only this process has open. One thread serves all requests. It writes all pending ones in one
/// transaction, so that concurrent requests share its cost.
/// </summary>
internal sealed class FileStore : IQueueStore
{
    private readonly FileInbox _inbox = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _queue;
    private readonly string _path;
    private readonly FileHealth _health;
    private FileWriter? _writer;
    private Thread? _thread;

    public FileStore(string queue, string path, TimeProvider clock, ILogger logger)
    {
        _queue = queue;
        _path = path;
        _health = new FileHealth(queue, clock, logger, _inbox.Retry);
    }

    public string? HealthIssue => _health.Text;

    public long Count => _writer?.Count ?? 0;

    public Task OpenAsync(IQueueFeed feed, CancellationToken cancellationToken)
    {
        // Assigned only once it runs: the system may refuse a new thread, and the disposal would wait for it.
        var thread = new Thread(() => Run(feed)) { IsBackground = true, Name = $"cotyledon queue {_queue}" };
        thread.Start();
        _thread = thread;
        return _opened.Task.WaitAsync(cancellationToken);
    }

    public Task AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken)
    {
        var append = new FileAppend(bodies, cancellationToken);
        return _inbox.Add(append) ? append.Stored : Task.FromException(Closed());
    }

    public void Want(long count) => _inbox.Want(count);

    // After the inbox is closed the outcome is lost, and the item is delivered again after the next start.
    public void Settle(QueueItem item, QueueOutcome outcome) => _inbox.Add(new Settled(item.Id, outcome, item.Attempts));

    public Task<long> CountAsync(CancellationToken cancellationToken) => AskAsync(w => w.CountSettled(), cancellationToken);

    public Task<long> CountDeadAsync(CancellationToken cancellationToken) => AskAsync(w => w.File.Reader.CountDead(), cancellationToken);

    public Task<IReadOnlyList<QueueItem>> GetDeadAsync(long after, int max, CancellationToken cancellationToken) =>
        AskAsync(w => w.File.Reader.ReadDead(after, max), cancellationToken);

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        long[] copy = [.. ids];
        return AskAsync(w => w.File.RetryDead(copy), cancellationToken);
    }

    public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        long[] copy = [.. ids];
        return AskAsync(w => w.File.DeleteDead(copy), cancellationToken);
    }

    /// <summary>Runs a request on the thread of the file, after the work that was added before it.</summary>
    public Task<T> AskAsync<T>(Func<FileWriter, T> question, CancellationToken cancellationToken)
    {
        var request = new FileRequest<T>(() => question(_writer!));
        return _inbox.Add(request) ? request.Answer.WaitAsync(cancellationToken) : Task.FromException<T>(Closed());
    }

    public async ValueTask DisposeAsync()
    {
        _inbox.Close();
        if (_thread is not null)
        {
            await _ended.Task.ConfigureAwait(false);
            _thread.Join();
        }

        _health.Dispose();
    }

    private void Run(IQueueFeed feed)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            _writer = new FileWriter(_queue, _path, ItemFile.Open(_path), feed, _inbox, _health);
            _opened.SetResult();
        }
        catch (Exception e)
        {
            Refuse(new QueueException($"Queue '{_queue}' cannot be opened. {FileProblem.Describe(_path, e)}", e));
            return;
        }

        _writer.Run();
        _ended.SetResult();
    }

    private void Refuse(QueueException cause)
    {
        _inbox.Close();
        var round = _inbox.Take()!;
        round.Appends.ForEach(a => a.Fail(cause));
        round.Requests.ForEach(r => r.Fail(cause));
        _opened.SetException(cause);
        _ended.SetResult();
    }

    private QueueException Closed() => new($"Queue '{_queue}' is closed: the program is stopping, or {_path} could not be opened.");
}
