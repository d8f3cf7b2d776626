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
    private long? _id;
    private int _reported;

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

        // The oldest steps may have been dropped. The number of those before them is not known, so all kept ones count from the end.
        var steps = operation.Steps;
        var first = Math.Max(0, steps.Count - Math.Max(0, operation.Done - _reported));
        for (var i = first; i < steps.Count; i++)
        {
            _reported = operation.Done - (steps.Count - 1 - i);
            var step = new StepProgressObject(steps[i].ToObject(), _reported, operation.Total);
            await _call.ReportAsync(step).ConfigureAwait(false);
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
