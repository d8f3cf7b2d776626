using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>Reports the new steps of the reload or rolling restart that a request has started.</summary>
internal sealed class OperationProgress
{
    private readonly ControlCall _call;
    private readonly (OperationKind Kind, string? Service, int? WorkerId) _what;
    private readonly string _requester = ControlRequester.Current;
    private readonly long _lastBefore;
    private readonly HashSet<(string Service, int WorkerId)> _reported = [];
    private long? _id;

    public OperationProgress(ControlCall call, OperationKind kind, string? service, int? workerId)
    {
        (_call, _what) = (call, (kind, service, workerId));
        _lastBefore = call.Manager.GetOperations().Select(o => o.Id).DefaultIfEmpty(0).Max();
    }

    public async ValueTask ReportAsync()
    {
        if (Find() is not { } operation)
        {
            return;
        }

        // A worker has at most one step. There can be fewer steps than finished workers: the oldest steps may have been dropped, and a worker that
        // leaves the operation has no step. So the steps are counted from the end.
        var steps = operation.Steps;
        for (var i = 0; i < steps.Count; i++)
        {
            if (_reported.Add((steps[i].Service, steps[i].WorkerId)))
            {
                var step = new StepProgressObject(steps[i].ToObject(), operation.Done - (steps.Count - 1 - i), operation.Total);
                await _call.ReportAsync(step).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Returns the operation. A request may share one that waits already; it then has the names of all its requesters.
    /// </summary>
    private OperationStatus? Find()
    {
        var operation = _call.Manager.GetOperations().LastOrDefault(o => _id is { } id
            ? o.Id == id
            : (o.Kind, o.Service, o.WorkerId) == _what && (o.Id > _lastBefore || o.CompletedAt is null) && o.RequestedBy.Contains(_requester));
        _id = operation?.Id;
        return operation;
    }
}
