using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>The pending work of the thread of a file. The thread sleeps while there is none, and takes all of it at once.</summary>
internal sealed class FileInbox
{
    [SuppressMessage("Style", "IDE0330", Justification = "A Lock cannot be waited on.")]
    private readonly object _gate = new();
    private FileRound _next = new();
    private FileRound _other = new();
    private long _wanted;
    private bool _isBehind;
    private bool _isClosed;

    public long Wanted => Volatile.Read(ref _wanted);

    /// <returns>False if the inbox is closed and nothing was added.</returns>
    public bool Add(FileAppend append) => Put(append, static (round, a) => round.Appends.Add(a));

    /// <inheritdoc cref="Add(FileAppend)"/>
    public bool Add(FileRequest request) => Put(request, static (round, r) => round.Requests.Add(r));

    /// <inheritdoc cref="Add(FileAppend)"/>
    public bool Add(Settled settled) => Put(settled, static (round, s) => round.Settled.Add(s));

    /// <summary>Lets the thread retry the operations that have failed.</summary>
    public void Retry() => Put(0, static (round, _) => round.IsRetry = true);

    public void Want(long count)
    {
        lock (_gate)
        {
            _wanted = count;
            if (count > 0 && _isBehind)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Accepts no more work. Pending work is still done.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _next.IsRetry = true;
            _isClosed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits until there is something to do.</summary>
    /// <returns>The pending work, valid until the next call; <see langword="null"/> if the inbox is closed and empty.</returns>
    public FileRound? Take()
    {
        lock (_gate)
        {
            while (_next.IsEmpty && !(_isBehind && _wanted > 0) && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            if (_next.IsEmpty && _isClosed)
            {
                return null;
            }

            (_next, _other) = (_other, _next);
            _next.Clear();
            _other.IsLast = _isClosed;
            return _other;
        }
    }

    /// <summary>
    /// Called when items are about to be passed on to the feed. If the file has more items, the thread wakes up as soon as they are wanted.
    /// </summary>
    public void Passing(int count, bool isBehind)
    {
        lock (_gate)
        {
            _wanted = Math.Max(0, _wanted - count);
            _isBehind = isBehind;
        }
    }

    private bool Put<T>(T what, Action<FileRound, T> put)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            var wasEmpty = _next.IsEmpty;
            put(_next, what);
            if (wasEmpty)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }
}
