using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Master;

/// <summary>Keeps the reloads and restarts that wait or run, and the last ones that have completed.</summary>
internal sealed class OperationLog(TimeProvider clock)
{
    private const int MaxCompleted = 32;
    private const int MaxSteps = 32;

    /// <summary>Limits the list when many clients share one operation.</summary>
    private const int MaxRequesters = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, OperationStatus> _open = [];
    private readonly Ring<OperationStatus> _completed = new(MaxCompleted);
    private (long Operation, int Request)? _running;
    private Ring<OperationStep> _steps = new(MaxSteps);
    private long _lastId;

    /// <summary>Adds a request, and returns its id.</summary>
    public long Add(ReloadAction action, string requestedBy)
    {
        lock (_gate)
        {
            var id = ++_lastId;
            _open.Add(id, new OperationStatus
            {
                Id = id,
                Kind = action.Kind,
                Service = action.Service,
                WorkerId = action.WorkerId,
                RequestedBy = [requestedBy],
                RequestedAt = clock.GetUtcNow(),
            });
            return id;
        }
    }

    /// <summary>Adds a requester to an operation that waits.</summary>
    public void Share(long id, string requestedBy)
    {
        lock (_gate)
        {
            var present = _open[id].RequestedBy;
            if (present.Count < MaxRequesters && !present.Contains(requestedBy))
            {
                _open[id] = _open[id] with { RequestedBy = [.. present, requestedBy] };
            }
        }
    }

    /// <summary>Begins to record the progress of the supervisor's request for an operation.</summary>
    public void Run(long id, int request)
    {
        lock (_gate)
        {
            (_running, _steps) = ((id, request), new Ring<OperationStep>(MaxSteps));
        }
    }

    /// <summary>Called on the supervisor's thread.</summary>
    public void Record(SupervisorCommand.RecordProgress progress)
    {
        lock (_gate)
        {
            if (_running is not { } running || running.Request != progress.Request || !_open.TryGetValue(running.Operation, out var status))
            {
                return;
            }

            if (progress.Step is { } step)
            {
                _steps.Add(step);
            }

            _open[running.Operation] = status with { Total = progress.Total, Done = progress.Done, Steps = [.. _steps.Items] };
        }
    }

    /// <summary>Completes an operation. One that has changed nothing is removed.</summary>
    public void Complete(long id, ReloadResult result)
    {
        lock (_gate)
        {
            if (_open.Remove(id, out var status) && result.Outcome != ReloadOutcome.Unchanged)
            {
                _completed.Add(status with { CompletedAt = clock.GetUtcNow(), Result = result });
            }
        }
    }

    /// <summary>Returns all operations, newest first.</summary>
    /// <param name="request">The supervisor's present request, if there is one.</param>
    /// <param name="total">The number of its affected workers, which is not recorded before one of them is done.</param>
    public IReadOnlyList<OperationStatus> Get(int? request, int total)
    {
        lock (_gate)
        {
            return
            [
                .. _open.Values
                    .Select(o => _running is { } running && running == (o.Id, request) ? o with { Total = total } : o)
                    .Concat(_completed.Items)
                    .OrderByDescending(o => o.Id),
            ];
        }
    }
}
