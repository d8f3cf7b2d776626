using System.Runtime.InteropServices;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>The way of a connection: accepted, passed to a worker, acknowledged, or passed again.</summary>
internal sealed partial class Dispatcher
{
    /// <summary>Notes whether a worker could take a connection, and begins or ends to refuse connections.</summary>
    private void UpdateBlocked(MasterEndpoint endpoint)
    {
        if (endpoint.Socket < 0 || _balancer.Choose(endpoint.Id, client: 0, _now) is not null)
        {
            (endpoint.BlockedSince, endpoint.IsRefusing, endpoint.HasRefused) = (null, false, false);
            return;
        }

        endpoint.BlockedSince ??= _now;
        if (!endpoint.IsRefusing && _now - endpoint.BlockedSince >= _maxWait.TotalMilliseconds)
        {
            endpoint.IsRefusing = true;
        }
    }

    private void Accept(MasterEndpoint endpoint, int max, bool isLast = false)
    {
        Span<byte> address = stackalloc byte[MaxAddressSize];
        for (var i = 0; i < max && endpoint.Socket >= 0; i++)
        {
            if (!endpoint.IsRefusing && !isLast && _balancer.Choose(endpoint.Id, client: 0, _now) is null)
            {
                return;
            }

            var socket = Libc.Accept(endpoint.Socket, address, out var size);
            if (socket < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (Libc.IsOfOneConnection(error))
                {
                    continue;
                }

                if (error != Libc.TryAgainError)
                {
                    Pause(endpoint, Marshal.GetPInvokeErrorMessage(error));
                }

                return;
            }

            if ((ulong)socket + DescriptorReserve >= Libc.DescriptorLimit())
            {
                Pause(endpoint, "nearly all files that the process may open are in use");
                i = max;
            }
            else
            {
                endpoint.IsPaused = false;
            }

            Pass(new PassedConnection(++_nextNumber, endpoint.Id, socket, ClientHash.Of(address[..size]), _now));
        }
    }

    /// <summary>Accepts nothing for a short time, and logs the reason once.</summary>
    private void Pause(MasterEndpoint endpoint, string reason)
    {
        _acceptsAfter = _now + AcceptPause;
        if (!endpoint.IsPaused)
        {
            endpoint.IsPaused = true;
            Write(log => Log.AcceptFailed(log, endpoint.Address, reason));
        }
    }

    /// <summary>Writes a message on the thread pool, because a provider of the program may block. There are few messages.</summary>
    private void Write(Action<ILogger> message) => ThreadPool.UnsafeQueueUserWorkItem(message, _logger, preferLocal: false);

    private void PassPending()
    {
        for (var i = _pending.Count; i > 0; i--)
        {
            Pass(_pending.Dequeue());
        }
    }

    /// <summary>Passes a connection to a worker. If none can take it, it waits, or is closed when it has waited too long.</summary>
    private void Pass(PassedConnection connection)
    {
        var isTooLate = _now - connection.AcceptedAt >= _maxWait.TotalMilliseconds
            || _endpoints.Find(e => e.Id == connection.Endpoint) is { IsRefusing: true };
        while (_balancer.Choose(connection.Endpoint, connection.Client, _now) is { } link)
        {
            var worker = _workers[_links.IndexOf(link)];
            if (worker.TryPass(connection, _now))
            {
                _balancer.OnChosen(link);
                _statistics.Passed();
                return;
            }
        }

        if (isTooLate)
        {
            Note(connection);
            _ = Libc.Close(connection.Socket);
            _statistics.Unserved();
            return;
        }

        _pending.Enqueue(connection);
    }

    /// <summary>Logs the first connection that is closed, until a worker can take one again.</summary>
    private void Note(PassedConnection refused)
    {
        if (_endpoints.Find(e => e.Id == refused.Endpoint) is { HasRefused: false } endpoint)
        {
            endpoint.HasRefused = true;
            Write(log => Log.Refusing(log, endpoint.Address, _maxWait));
        }
    }

    private void Read(WorkerConnection worker)
    {
        try
        {
            if (!worker.Read())
            {
                // The process has exited, or nothing else could have closed its end: what it has not acknowledged, it has not read.
                Remove(worker);
                foreach (var connection in worker.Link.Unacknowledged)
                {
                    _statistics.PassedAgain();
                    _pending.Enqueue(connection);
                }
            }
        }
        catch (InvalidDataException e)
        {
            Write(log => Log.BadFrame(log, worker.Link.WorkerId, e.Message));
            Remove(worker);
            foreach (var connection in worker.Link.Unacknowledged)
            {
                _ = Libc.Close(connection.Socket);
                _statistics.Unserved();
            }
        }
    }

    private void Handle(WorkerConnection worker, WebFrameKind kind, FieldReader fields)
    {
        var connection = worker.Link.Take(kind, ref fields);
        if (kind == WebFrameKind.Accepted)
        {
            _ = Libc.Close(connection!.Socket);
        }
        else if (kind == WebFrameKind.Returned)
        {
            worker.Link.OnFull(_now);
            _statistics.PassedAgain();
            _pending.Enqueue(connection!);
        }
        else if (kind == WebFrameKind.Counted)
        {
            NoteAnswer(worker.Link);
        }
        else if (kind == WebFrameKind.Serving)
        {
            ShowWorkers();
        }
    }

    /// <summary>
    /// Ends the directions to the workers that stop, if another worker serves, or if there is nothing more to pass. Otherwise a single worker
    /// takes connections until it requires an immediate end.
    /// </summary>
    private void EndLeavingWorkers()
    {
        var canEnd = _balancer.IsAnyStaying(_now) || (_pending.Count == 0 && !_endpoints.Exists(e => e.Socket >= 0));
        foreach (var worker in _workers)
        {
            if (worker.Link.IsLeaving && (canEnd || worker.Link.IsInsisting || !worker.Link.IsServing))
            {
                worker.End();
            }
        }
    }

    private void Remove(WorkerConnection worker)
    {
        _workers.Remove(worker);
        _links.Remove(worker.Link);
        NoteAnswer(worker.Link);
        worker.Dispose();
        ShowWorkers();
    }

    private void ShowWorkers() => _statistics.SetWorkers(_links.Where(l => l.IsServing));
}
