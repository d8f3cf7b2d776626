using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>
/// Does the work of the thread that owns the file. It holds no lock while it calls the feed, because the feed calls back.
/// </summary>
internal sealed class FileWriter(
    string queue, string path, ItemFile file, IQueueFeed feed, FileInbox inbox, FileHealth health)
{
    private const int MaxPage = 1000;

    /// <summary>The number of unwritten outcomes from which on only the last outcome of each item is kept.</summary>
    private const int MinCompacted = 10_000;

    private List<Settled> _unwritten = [];
    private int _compactedAt = MinCompacted;
    private long _count = file.Count;
    private long _passed;
    private bool _isReadingPaused;

    public ItemFile File => file;

    public long Count => Volatile.Read(ref _count);

    /// <summary>Counts the items, without settled items that are still in the file because it cannot be written.</summary>
    public long CountSettled() => file.Count - _unwritten.Count(s => s.Outcome != QueueOutcome.Returned);

    public void Run()
    {
        inbox.Passing(0, IsBehind);
        while (inbox.Take() is { } round)
        {
            var last = file.LastId;
            _unwritten.AddRange(round.Settled);
            CompactIfLarge();
            round.Appends.RemoveAll(a => a.WasCancelled());
            var isStored = round.Appends.Count > 0 && TryAppend(round.Appends);
            if (_unwritten.Count > 0 && (round.IsRetry || !health.IsSettling))
            {
                TrySettle();
            }

            _isReadingPaused &= !round.IsRetry;
            List<FileAppend> stored = isStored ? round.Appends : [];

            // Before the callers continue: they free the room that they reserved, so their items must be counted by then.
            UpdateCount();
            stored.ForEach(a => a.Complete());
            Answer(round.Requests);
            UpdateCount();
            if (!round.IsLast)
            {
                PassOn(stored, isAtEnd: _passed == last);
            }
        }

        file.Dispose();
    }

    private bool IsBehind => _passed < file.LastId;

    private bool TryAppend(List<FileAppend> appends)
    {
        try
        {
            file.Write(_unwritten, appends);
        }
        catch (Exception e)
        {
            var problem = FileProblem.Describe(path, e);
            health.Appending(problem);
            foreach (var append in appends)
            {
                append.Fail(new QueueException($"Queue '{queue}' could not store the items. {problem}", e));
            }

            return false;
        }

        health.Appending(null);
        OnSettled();
        return true;
    }

    /// <summary>
    /// Writes the outcomes, also after a commit that had new items as well has failed: on a full disk this may still work.
    /// </summary>
    private void TrySettle()
    {
        try
        {
            file.Write(_unwritten, []);
            OnSettled();
        }
        catch (Exception e)
        {
            health.Settling(FileProblem.Describe(path, e));
        }
    }

    /// <summary>While the file cannot be written, an item can be delivered and returned again and again. Only its last outcome counts.</summary>
    private void CompactIfLarge()
    {
        if (_unwritten.Count >= _compactedAt)
        {
            var last = new Dictionary<long, Settled>();
            _unwritten.ForEach(settled => last[settled.Id] = settled);
            _unwritten = [.. last.Values];
            _compactedAt = Math.Max(MinCompacted, 2 * _unwritten.Count);
        }
    }

    private void OnSettled()
    {
        _unwritten.Clear();
        _compactedAt = MinCompacted;
        health.Settling(null);
    }

    private void Answer(List<FileRequest> requests)
    {
        foreach (var request in requests)
        {
            try
            {
                request.Run();
            }
            catch (Exception e)
            {
                request.Fail(new QueueException($"Queue '{queue}' could not carry out the request. {FileProblem.Describe(path, e)}", e));
            }
        }
    }

    private void UpdateCount()
    {
        if (Interlocked.Exchange(ref _count, file.Count) > file.Count)
        {
            feed.OnRoom();
        }
    }

    /// <summary>
    /// Passes new items on directly if all older items have been passed on. Otherwise reads the next items from the file.
    /// </summary>
    private void PassOn(List<FileAppend> stored, bool isAtEnd)
    {
        var wanted = inbox.Wanted;
        List<QueueItem> items = [];
        if (isAtEnd)
        {
            foreach (var body in stored.SelectMany(a => a.Bodies).Take((int)Math.Min(wanted, int.MaxValue)))
            {
                items.Add(new QueueItem(++_passed, body));
            }
        }
        else if (wanted > 0 && IsBehind && !_isReadingPaused)
        {
            items = ReadPage(Math.Min(wanted, MaxPage));
        }

        inbox.Passing(items.Count, IsBehind && !_isReadingPaused);
        if (items.Count > 0)
        {
            feed.Add(items);
        }
    }

    private List<QueueItem> ReadPage(long max)
    {
        try
        {
            var (items, isEnd) = file.Reader.ReadPage(_passed, max);
            _passed = isEnd ? file.LastId : items[^1].Id;
            health.Reading(null);
            return items;
        }
        catch (Exception e)
        {
            _isReadingPaused = true;
            health.Reading(FileProblem.Describe(path, e));
            return [];
        }
    }
}
