using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>Reports the new steps of the reload or rolling restart that a request has started.</summary>
internal sealed class OperationProgress
{
    private readonly ControlCall _call;
    private readonly OperationKind _kind;
    private readonly string _requester = ControlRequester.Current;
    private readonly long _before;
    private int _reported;

    public OperationProgress(ControlCall call, OperationKind kind)
    {
        (_call, _kind) = (call, kind);
        _before = call.Manager.GetOperations().Select(o => o.Id).DefaultIfEmpty(0).Max();
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
            await _call.ReportAsync(step, ControlJson.Default.StepProgressObject).ConfigureAwait(false);
        }
    }

    /// <summary>Returns the operation. Requests for a reload share one, which has the name of the first requester.</summary>
    private OperationStatus? Find()
    {
        var since = _call.Manager.GetOperations().Where(o => o.Id > _before && o.Kind == _kind).ToList();
        return since.LastOrDefault(o => o.RequestedBy == _requester) ?? (_kind == OperationKind.Reload ? since.LastOrDefault() : null);
    }
}
