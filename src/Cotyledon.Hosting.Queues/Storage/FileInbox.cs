using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>What the thread of a file has to do. It sleeps while that is nothing, and takes all there is at once.</summary>
internal sealed class FileInbox
{
    [SuppressMessage("Style", "IDE0330", Justification = "A Lock cannot be waited on.")]
    private readonly object _gate = new();
    private FileRound _next = new();
    private FileRound _other = new();
    private long _wanted;
    private bool _isBehind;
    private bool _isClosed;

    public long Wanted
    {
        get
        {
            lock (_gate)
            {
                return _wanted;
            }
        }
    }

    /// <returns>Whether it is still open.</returns>
    public bool Add(FileAppend append) => Put(append, static (round, a) => round.Appends.Add(a));

    /// <inheritdoc cref="Add(FileAppend)"/>
    public bool Add(FileRequest request) => Put(request, static (round, r) => round.Requests.Add(r));

    /// <inheritdoc cref="Add(FileAppend)"/>
    public bool Add(Settled settled) => Put(settled, static (round, s) => round.Settled.Add(s));

    /// <summary>It is time to try again what has failed.</summary>
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

    /// <summary>Nothing comes any more; what is there is still to be done.</summary>
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
    /// <returns>What there is, valid until the next call; <see langword="null"/> when nothing comes any more.</returns>
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

    /// <summary>Items are about to be passed on.</summary>
    /// <param name="count">How many.</param>
    /// <param name="isBehind">Whether the file has more, for those who want more.</param>
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
