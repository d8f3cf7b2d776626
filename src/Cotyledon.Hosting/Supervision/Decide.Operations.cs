using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>The progress of a reload or restart, the requests for a single worker, and the answers after the end.</summary>
internal readonly ref partial struct Decide
{
    /// <summary>
    /// Restarts one worker. If it has no process, because it is backing off, was given up or is stopping, the restart waits for the next
    /// process.
    /// </summary>
    private void RestartWorker(Slot slot)
    {
        if (slot.IsGivenUp || slot.Deadline is not null)
        {
            Retry(slot);
        }

        _state.Operation!.Add(slot);
        Replace(slot);
    }

    /// <summary>Returns the reason why there is no such worker to restart, or <see langword="null"/>.</summary>
    private string? ErrorOf(ReloadAction.RestartWorker restart)
    {
        var service = _state.Services.Single(s => s.Name == restart.Name);
        return service.FindSlot(restart.Id) is { IsInTarget: true } ? null
            : service.IsOfCluster && restart.Id < service.WorkerCount ? $"Worker {restart.Id} of '{service.Name}' does not run on this machine."
            : $"Service '{service.Name}' has no worker {restart.Id}. Its number of workers is {service.WorkerCount}.";
    }

    /// <summary>Kills a worker if it is still this incarnation. The exit that follows is handled as a crash.</summary>
    private void OnKillRequested(KillRequested request)
    {
        var slots = _state.Services.Single(s => s.Name == request.Service).Slots;
        var slot = request.WorkerId < slots.Count ? slots[request.WorkerId] : null;
        if (slot?.Process is not { Incarnation: > 0 } process || process.Incarnation != request.Incarnation)
        {
            Complete(request.Request, $"Incarnation {request.Incarnation} of worker {request.WorkerId} does not run any more.");
            return;
        }

        if (process.State != WorkerState.Killed)
        {
            Kill(process, WorkerExitReason.Killed, $"was killed (requested by: {request.RequestedBy}).");
            process.Departure.Detail ??= $"Requested by: {request.RequestedBy}.";
        }

        Complete(request.Request, error: null);
    }

    /// <summary>Answers a request that arrives after the end.</summary>
    private static void AnswerAfterStop(SupervisorMessage message, List<SupervisorCommand> commands)
    {
        switch (message)
        {
            case ScaleRequested { Request: { } request }:
                commands.Add(new CompleteRequest(request, StoppingError, ScaleOutcome.Failed));
                break;
            case KillRequested kill:
                commands.Add(new CompleteRequest(kill.Request, StoppingError));
                break;
            case ReloadRequested reload:
                commands.Add(new CompleteReload(reload.Request, [], StoppingError));
                break;
            case SlotGranted granted:
                commands.Add(new ReportVacant(granted.Service, granted.WorkerId, granted.Grant));
                break;
        }
    }

    /// <summary>Removes a slot that is no longer part of the target from the reload.</summary>
    private void LeaveReload(Slot slot)
    {
        if (slot.Operation is { } operation)
        {
            operation.Leave(slot, isStopping: _state.Phase != SupervisorPhase.Running);
            Report(operation, step: null);
            CompleteReloadWhenSettled();
        }
    }

    private void Settle(Slot slot, OperationStepKind kind, string? failure = null)
    {
        if (slot.Operation is { } operation)
        {
            Report(operation, operation.Settle(slot, kind, failure, _now));
            CompleteReloadWhenSettled();
        }
    }

    private void Report(ReloadOperation operation, OperationStep? step) =>
        _commands.Add(new RecordProgress(operation.Request, operation.Total, operation.Total - operation.Pending, step));

    private void CompleteReloadWhenSettled()
    {
        if (_state.Operation is { Pending: 0 } operation)
        {
            _state.Operation = null;
            var error = operation.IsCutShort ? StoppingError : null;
            _commands.Add(new CompleteReload(operation.Request, operation.Services, error));
        }
    }
}
