using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>Handles the messages of a single worker.</summary>
internal readonly ref partial struct Decide
{
    private void OnWorkerStarted(ProcessState process, int processId)
    {
        process.ProcessId = processId;
        Publish(WorkerEventKind.Started, process);
    }

    private void OnWorkerStartFailed(ProcessState process, string error)
    {
        process.Departure.Reason ??= WorkerExitReason.StartFailed;
        process.Departure.Detail = error;
        OnWorkerExited(process, new WorkerExited(process.Spawn, ExitStatus.Unknown, []));
    }

    private void OnWorkerSaidHello(ProcessState process, bool isOtherBuild)
    {
        ReleaseStartPlace(process);
        process.IsOtherBuild = isOtherBuild;
        if (isOtherBuild && !_state.HasOtherBuild)
        {
            _state.HasOtherBuild = true;
            _commands.Add(new RecordOtherBuild(process.Identity));
        }

        if (process.State != WorkerState.Starting || _state.Phase != SupervisorPhase.Running)
        {
            return;
        }

        process.HelloAt = _now;
        if (IsSpare(process))
        {
            process.Deadline = null;
        }
        else if (process.Slot.Process == process)
        {
            Assign(process);
        }
        else
        {
            // A successor waits until the old worker can be stopped, but not longer than the ready timeout.
            process.Deadline = null;
            SetDeadline(process, process.Slot.Service.Settings.ReadyTimeout);
        }
    }

    /// <remarks>A process that is stopping already needs no further command.</remarks>
    private void OnWorkerBrokeProtocol(ProcessState process, string detail)
    {
        ReleaseStartPlace(process);
        if (!process.IsLeaving && _state.Phase == SupervisorPhase.Running)
        {
            Kill(process, WorkerExitReason.ProtocolMismatch);
            process.Departure.Detail = detail;
        }
    }

    private void Assign(ProcessState process)
    {
        var (slot, service) = (process.Slot, process.Slot.Service);
        process.State = WorkerState.Assigned;
        process.AssignedAt = _now;
        process.Incarnation = ++slot.Incarnation;
        process.AssignedWith = _state.ConfigurationVersion;
        process.ValuesVersion = _state.ValuesVersion;
        _commands.Add(new AssignWorker(process.Spawn, new WorkerAssignment(
            service.Name,
            slot.WorkerId,
            service.WorkerCount,
            slot.Incarnation,
            service.Settings.GracefulTimeout,
            service.Settings.LivenessTimeout,
            _state.Settings.HookTimeout,
            service.Settings.WaitForMarkReady,
            service.IsOfCluster ? _state.LeaseEnd : null)));
        Publish(WorkerEventKind.Assigned, process);
    }

    private void OnWorkerWorks(ProcessState process, WorkerState state, WorkerEventKind kind)
    {
        process.State = state;
        if (process.ReadyAt is not null)
        {
            Publish(kind, process);
            return;
        }

        var slot = process.Slot;
        _commands.Add(new Publish(kind, process.Identity, Start: StartOf(process)));
        (slot.Failures.FailedStarts, slot.Failures.Outage) = (0, null);
        process.ReadyAt = _now;
        process.Deadline = null;
        _state.ToReconcile.Enqueue(slot);
        BeginChecks(process);
        OnNewlyReady(process);
    }

    private void OnWorkerIsLeaving(ProcessState process, WorkerIsLeaving leaving)
    {
        if (process is { State: WorkerState.Killed } or { Departure.Reason: WorkerExitReason.LivenessTimeout })
        {
            return;
        }

        // Stopped and Terminated only confirm a command or a signal. An exception or an exit code is more specific.
        var confirms = leaving.Reason is WorkerExitReason.Stopped or WorkerExitReason.Terminated;
        if (!confirms || process.Departure.Reason is null)
        {
            // Once only: a worker may repeat the message, and the text must not grow with each of them.
            process.Departure.Detail = leaving.Reason == WorkerExitReason.StopTimeout
                && process.Departure is { Reason: not WorkerExitReason.StopTimeout, Detail: { Length: > 0 } earlier }
                ? $"{leaving.Detail} Reported before: {earlier}"
                : leaving.Detail;
            process.Departure.Reason = leaving.Reason;
        }

        if (process.State != WorkerState.Stopping)
        {
            BeginLeaving(process);
        }
    }

    private void OnWorkerDeadline(ProcessState process)
    {
        if (process is { SaidHello: true, State: WorkerState.Starting } && process.Slot.Successor == process)
        {
            if (process.Slot.Process is { IsLeaving: true } || process.Slot.Service.IsReplacing)
            {
                // The worker or replacement that it waits for has its own deadline.
                SetDeadline(process, process.Slot.Service.Settings.ReadyTimeout);
                return;
            }

            AbortReplacements(process.Slot, "too few other workers were ready within the ready timeout");
        }
        else if (process.State is WorkerState.Starting or WorkerState.Assigned)
        {
            Kill(process, WorkerExitReason.ReadyTimeout);
        }
        else if (process.State == WorkerState.Stopping)
        {
            Kill(process, WorkerExitReason.StopTimeout);
        }
        else if (process.State == WorkerState.Killed)
        {
            OnStuck(process);
        }
        else if (process.Reload.IsRunning)
        {
            OnWorkerCannotReload(process);
        }
    }

    /// <summary>
    /// Stops waiting for a process that SIGKILL has not ended. Its worker id gets no other process until it exits, but no reload, restart or
    /// change of the number of workers waits for it any more.
    /// </summary>
    private void OnStuck(ProcessState process)
    {
        if (_state.Phase != SupervisorPhase.Running)
        {
            return;
        }

        var slot = process.Slot;
        process.IsStuck = true;
        slot.Service.Count(slot);
        var effect = IsSpare(process) ? ""
            : slot.Process == process ? " The worker id has no other process until it exits."
            : " The old worker continues, and cannot be replaced until this process exits.";
        _commands.Add(new RecordStuck(process.Identity, process.Timeout, effect));
        if (slot.Replacement.IsWanted || (slot.Operation is not null && process is { IsReplacement: true, ReadyAt: null }))
        {
            AbortReplacements(slot, CauseOf(process));
        }
        else if (slot.Process == process)
        {
            Settle(slot, OperationStepKind.Failed, CauseOf(process));
        }
    }

    private static string CauseOf(ProcessState stuck) =>
        $"process {stuck.ProcessId} of worker {stuck.Slot.WorkerId} has not exited within {stuck.Timeout} after SIGKILL";
}
