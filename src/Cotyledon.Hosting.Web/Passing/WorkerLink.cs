using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>The state of one worker process in the master. Used by the thread of the <see cref="Dispatcher"/> only.</summary>
internal sealed class WorkerLink
{
    /// <summary>The most connections that a worker may have without having acknowledged them.</summary>
    public const int Credit = 32;

    /// <summary>
    /// A worker whose oldest connection waits longer, in milliseconds, gets no further one: it is paused, or its thread pool is blocked.
    /// </summary>
    public const long MaxAcknowledgeDelay = 50;

    private const long FullTime = 200;

    /// <summary>The number of endpoints that a worker may name.</summary>
    private const int MaxEndpoints = 1000;

    private readonly HashSet<int> _endpoints = [];
    private readonly List<PassedConnection> _unacknowledged = [];

    /// <summary>The worker id; -1 until the worker is ready.</summary>
    public int WorkerId { get; private set; } = -1;

    public bool IsServing => WorkerId >= 0;

    public bool IsLeaving { get; private set; }

    /// <summary>Whether the worker stops even if no other worker serves.</summary>
    public bool IsInsisting { get; private set; }

    /// <summary>Whether the master has ended its direction, so that the worker gets no further connection.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Until when, in milliseconds, the worker gets no connection, because it could not take the last one.</summary>
    public long FullUntil { get; private set; }

    /// <summary>The connections that the worker has accepted and not closed.</summary>
    public int Open { get; private set; }

    /// <summary>Whether the worker was asked for the number of its requests and has not answered yet.</summary>
    public bool IsAsked { get; set; }

    /// <summary>The requests that the worker has received, as it said last.</summary>
    public long Requests { get; private set; }

    /// <summary>The connections of the worker, including those that it has not acknowledged.</summary>
    public int Connections => Open + _unacknowledged.Count;

    public IReadOnlyList<PassedConnection> Unacknowledged => _unacknowledged;

    /// <summary>Returns whether the worker takes connections. It may have no credit at the moment.</summary>
    public bool IsTaking(long now) =>
        IsServing && !IsEnded && now >= FullUntil
        && (_unacknowledged.Count == 0 || now - _unacknowledged[0].PassedAt <= MaxAcknowledgeDelay);

    /// <summary>Returns whether the worker can take a connection now.</summary>
    public bool CanTake(int endpoint, long now) => IsTaking(now) && _unacknowledged.Count < Credit && _endpoints.Contains(endpoint);

    /// <summary>Notes that the worker could not take a connection: it, or its socket, has no room.</summary>
    public void OnFull(long now) => FullUntil = now + FullTime;

    public void OnPassed(PassedConnection connection) => _unacknowledged.Add(connection);

    /// <summary>Takes a message of the worker.</summary>
    /// <returns>A connection that the worker has accepted or returned, which is no longer a part of this object.</returns>
    /// <exception cref="InvalidDataException">The message is not valid.</exception>
    public PassedConnection? Take(WebFrameKind kind, ref FieldReader fields)
    {
        switch (kind)
        {
            case WebFrameKind.Bound when _endpoints.Count < MaxEndpoints:
                _endpoints.Add(fields.Int32());
                break;
            case WebFrameKind.Serving when !IsServing:
                WorkerId = fields.Int32(OptionLimits.MaxWorkers);
                break;
            case WebFrameKind.Accepted:
                var accepted = Remove(fields.Int64());
                Open++;
                return accepted;
            case WebFrameKind.Returned:
                return Remove(fields.Int64());
            case WebFrameKind.Closed:
                Open -= fields.Int32(Open);
                break;
            case WebFrameKind.Counted:
                (Requests, IsAsked) = (fields.Int64() is >= 0 and var requests ? requests : throw new InvalidDataException(
                    "The number of requests is negative."), false);
                break;
            case WebFrameKind.Leaving:
                (IsLeaving, IsInsisting) = (true, fields.Int32(1) == 1);
                break;
            default:
                throw new InvalidDataException($"A message of kind {kind} is not expected.");
        }

        return null;
    }

    private PassedConnection Remove(long number)
    {
        var index = _unacknowledged.FindIndex(c => c.Number == number);
        if (index < 0)
        {
            throw new InvalidDataException($"Connection {number} was not passed to this worker.");
        }

        var connection = _unacknowledged[index];
        _unacknowledged.RemoveAt(index);
        return connection;
    }
}
