using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>The work of the thread that has the file. It holds no lock while it calls the feed, which calls back.</summary>
internal sealed class FileWriter(
    string queue, string path, ItemFile file, IQueueFeed feed, FileInbox inbox, FileHealth trouble)
{
    private const int MaxPage = 1000;

    private readonly List<Settled> _unwritten = [];
    private long _count = file.Count;
    private long _passed;
    private bool _isReadingPaused;

    public ItemFile File => file;

    public long Count => Volatile.Read(ref _count);

    /// <summary>Without those that are gone and still in the file because it cannot be written.</summary>
    public long CountSettled() => file.Count - _unwritten.Count(s => s.Outcome != QueueOutcome.Returned);

    public void Run()
    {
        inbox.Passing(0, IsBehind);
        while (inbox.Take() is { } round)
        {
            var last = file.LastId;
            _unwritten.AddRange(round.Settled);
            round.Appends.RemoveAll(a => a.WasCancelled());
            var isStored = round.Appends.Count > 0 && TryAppend(round.Appends);
            if (_unwritten.Count > 0 && (round.IsRetry || !trouble.IsSettling))
            {
                TrySettle();
            }

            _isReadingPaused &= !round.IsRetry;
            List<FileAppend> stored = isStored ? round.Appends : [];

            // Before those who add go on: the room that they kept until now is taken.
            TellCount();
            stored.ForEach(a => a.Complete());
            Answer(round.Requests);
            TellCount();
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
            trouble.Appending(problem);
            foreach (var append in appends)
            {
                append.Fail(new QueueException($"Queue '{queue}' has not stored the items. {problem}", e));
            }

            return false;
        }

        trouble.Appending(null);
        HaveSettled();
        return true;
    }

    /// <summary>Also after items could not be added with the same commit: on a full disk the one may work without the other.</summary>
    private void TrySettle()
    {
        try
        {
            file.Write(_unwritten, []);
            HaveSettled();
        }
        catch (Exception e)
        {
            trouble.Settling(FileProblem.Describe(path, e));
        }
    }

    private void HaveSettled()
    {
        _unwritten.Clear();
        trouble.Settling(null);
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
                request.Fail(new QueueException($"Queue '{queue}' cannot do it. {FileProblem.Describe(path, e)}", e));
            }
        }
    }

    private void TellCount()
    {
        if (Interlocked.Exchange(ref _count, file.Count) > file.Count)
        {
            feed.OnRoom();
        }
    }

    /// <summary>New items go straight on where all older ones have gone; else the file is read on from where that ended.</summary>
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
            trouble.Reading(null);
            return items;
        }
        catch (Exception e)
        {
            _isReadingPaused = true;
            trouble.Reading(FileProblem.Describe(path, e));
            return [];
        }
    }
}
