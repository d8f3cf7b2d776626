using System.Collections.Concurrent;
using Cotyledon.Hosting.Processes;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>
/// Accepts the connections of the master's endpoints and passes each to a worker. Its own thread does all of the work, so that a blocked
/// thread pool of the master delays no connection.
/// </summary>
/// <remarks>
/// The master keeps a connection until the worker has acknowledged it, which it does before it reads from it. If the worker exits before, the
/// connection is passed to another worker. While a worker lives, its connections stay with it, because it could read from them at any time.
/// </remarks>
internal sealed partial class Dispatcher : IDisposable
{
    /// <summary>The connections that are accepted from one endpoint before other work is done.</summary>
    private const int MaxAccepts = 64;

    /// <summary>The most connections that are accepted from an endpoint before it is closed. Linux limits a backlog to 4096 by default.</summary>
    private const int MaxBacklog = 8192;

    /// <summary>The descriptors that are left to the program, because the runtime needs two for each new thread.</summary>
    private const ulong DescriptorReserve = 32;

    /// <summary>How long no connection is accepted after an error of the system, such as too many open files.</summary>
    private const long AcceptPause = 200;

    private const int MaxAddressSize = 128; // sizeof(struct sockaddr_storage)

    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly List<WorkerConnection> _workers = [];
    private readonly List<WorkerLink> _links = [];
    private readonly List<MasterEndpoint> _endpoints = [];
    private readonly Queue<PassedConnection> _pending = new();
    private readonly Balancer _balancer;
    private readonly TimeSpan _maxWait;
    private readonly DispatcherStatistics _statistics;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly (int Reader, int Writer) _wake;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _failed = new(initialState: false, spinCount: 0);
    private PollDescriptor[] _polled = new PollDescriptor[16];
    private bool _isDisposing;
    private bool _isDisposed;
    private long _now;
    private long _nextNumber;
    private long _acceptsAfter;

    /// <param name="affinity">Which worker gets a connection.</param>
    /// <param name="maxWait">How long a connection waits for a worker.</param>
    /// <param name="statistics">Counts the connections.</param>
    /// <param name="logger">The log of the package.</param>
    /// <param name="clock">Measures the times.</param>
    public Dispatcher(WebAffinity affinity, TimeSpan maxWait, DispatcherStatistics statistics, ILogger logger, TimeProvider clock)
    {
        (_maxWait, _statistics, _logger, _clock) = (maxWait, statistics, logger, clock);
        _balancer = new Balancer(_links, affinity);
        _start = clock.GetTimestamp();
        _wake = Libc.SocketPair();
        _thread = new Thread(Run) { IsBackground = true, Name = "cotyledon web" };
        try
        {
            _thread.Start();
        }
        catch (OutOfMemoryException)
        {
            // The system refuses a new thread.
            _ = Libc.Close(_wake.Reader);
            _ = Libc.Close(_wake.Writer);
            throw;
        }
    }

    /// <summary>The descriptors that the service manager has passed to the master, which the server of a worker has to ask for too.</summary>
    public int ListenDescriptors { get; init; }

    /// <summary>Adds an endpoint. Workers are told about it.</summary>
    public void Add(MasterEndpoint endpoint) => _ = Post(() =>
    {
        _endpoints.RemoveAll(e => e.Id == endpoint.Id && e.Socket < 0); // An earlier attempt that has failed.
        _endpoints.Add(endpoint);
        var frame = WebFrame.Endpoint(endpoint.Id, endpoint.Key, endpoint.Address);
        foreach (var worker in _workers)
        {
            worker.Send(frame);
        }
    });

    /// <summary>Passes the connections that already wait, and closes the endpoint.</summary>
    public Task RemoveAsync(MasterEndpoint endpoint)
    {
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isPosted = Post(() =>
        {
            Accept(endpoint, MaxBacklog, isLast: true);
            _endpoints.Remove(endpoint);
            if (endpoint.Socket >= 0)
            {
                _ = Libc.Close(endpoint.Socket);
                endpoint.Socket = -1;
            }

            removed.SetResult();
        });
        return isPosted ? removed.Task : Task.CompletedTask;
    }

    /// <summary>Adds a worker process that has started.</summary>
    public void Add(Stream stream)
    {
        if (!Post(() => AddWorker(stream)))
        {
            stream.Dispose();
        }
    }

    /// <summary>Closes all endpoints and connections.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Post(() => _isDisposed = true);
            _isDisposing = true;
        }

        _thread.Join();
    }

    private void AddWorker(Stream stream)
    {
        var worker = new WorkerConnection(stream, Handle);
        _workers.Add(worker);
        _links.Add(worker.Link);
        worker.Send(WebFrame.Setup(ListenDescriptors));
        foreach (var endpoint in _endpoints)
        {
            worker.Send(WebFrame.Endpoint(endpoint.Id, endpoint.Key, endpoint.Address));
        }
    }

    private bool Post(Action action)
    {
        lock (_gate)
        {
            if (_isDisposing)
            {
                return false;
            }

            _posted.Enqueue(action);
            Libc.SendSome(_wake.Writer, [0]);
            return true;
        }
    }

    private void Run()
    {
        while (!_isDisposed)
        {
            try
            {
                RunPosted();
                RunOnce();
            }
            catch (Exception e)
            {
                // An error of the system. The pause keeps it from filling the log.
                Write(log => Log.DispatcherFailed(log, e));
                _failed.Wait(TimeSpan.FromMilliseconds(AcceptPause));
            }
        }

        CloseAll();
    }

    /// <summary>Waits for events and handles them.</summary>
    private void RunOnce()
    {
        if (_isDisposed)
        {
            return;
        }

        EndLeavingWorkers();
        var count = FillDescriptors();
        Libc.Poll(_polled.AsSpan(0, count), TimeToWait());
        _now = (long)_clock.GetElapsedTime(_start).TotalMilliseconds;
        if (_polled[0].HasEvents)
        {
            Libc.Receive(_wake.Reader, stackalloc byte[64]);
        }

        // Removed workers change the order, so from the end.
        var endpoints = _workers.Count + 1;
        for (var i = _workers.Count - 1; i >= 0; i--)
        {
            if (_polled[i + 1].HasEvents)
            {
                Read(_workers[i]);
            }
        }

        PassPending();
        for (var i = 0; i < _endpoints.Count && endpoints + i < count; i++)
        {
            if (_polled[endpoints + i].HasEvents)
            {
                Accept(_endpoints[i], MaxAccepts);
            }
        }
    }

    private void RunPosted()
    {
        while (!_isDisposed && _posted.TryDequeue(out var action))
        {
            action();
        }
    }

    /// <summary>Fills the descriptors: that of the wake, those of the workers, and those of the endpoints. Returns their number.</summary>
    private int FillDescriptors()
    {
        var count = 1 + _workers.Count + _endpoints.Count;
        if (_polled.Length < count)
        {
            _polled = new PollDescriptor[2 * count];
        }

        var next = 0;
        _polled[next++] = new PollDescriptor(_wake.Reader, PollEvents.In);
        foreach (var worker in _workers)
        {
            _polled[next++] = new PollDescriptor(worker.Descriptor, PollEvents.In);
        }

        foreach (var endpoint in _endpoints)
        {
            UpdateBlocked(endpoint);
            var isAccepting = _now >= _acceptsAfter && (endpoint.BlockedSince is null || endpoint.IsRefusing);
            _polled[next++] = new PollDescriptor(isAccepting ? endpoint.Socket : -1, PollEvents.In);
        }

        return count;
    }

    private TimeSpan? TimeToWait()
    {
        var next = long.MaxValue;
        foreach (var endpoint in _endpoints)
        {
            if (endpoint is { BlockedSince: { } since, IsRefusing: false })
            {
                next = Math.Min(next, since + (long)_maxWait.TotalMilliseconds);
            }
        }

        foreach (var connection in _pending)
        {
            next = Math.Min(next, connection.AcceptedAt + (long)_maxWait.TotalMilliseconds);
        }

        if (_acceptsAfter > _now)
        {
            next = Math.Min(next, _acceptsAfter);
        }

        foreach (var link in _links)
        {
            if (link.FullUntil > _now)
            {
                next = Math.Min(next, link.FullUntil);
            }
        }

        return next == long.MaxValue ? null : TimeSpan.FromMilliseconds(Math.Max(0, next - _now));
    }

    private void CloseAll()
    {
        foreach (var connection in _pending.Concat(_links.SelectMany(l => l.Unacknowledged)))
        {
            _ = Libc.Close(connection.Socket);
        }

        _workers.ForEach(w => w.Dispose());
        _endpoints.Where(e => e.Socket >= 0).ToList().ForEach(e => _ = Libc.Close(e.Socket));
        lock (_gate)
        {
            _ = Libc.Close(_wake.Reader);
            _ = Libc.Close(_wake.Writer);
        }
    }
}
