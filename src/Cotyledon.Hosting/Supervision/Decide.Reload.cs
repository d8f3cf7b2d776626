using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>Reloads and restarts workers.</summary>
internal readonly ref partial struct Decide
{
    /// <summary>Replaces a worker by a process that is started from now on. A successor that was started before is stopped.</summary>
    private void Replace(Slot slot)
    {
        if (slot.EligibleSuccessor is { } successor)
        {
            Stop(successor, WorkerExitReason.Stopped);
            slot.Replacement.IsWanted = false;
        }

        if (slot.Process is { IsLeaving: false })
        {
            EnqueueReplacement(slot);
        }
    }

    private void OnReloadRequested(ReloadRequested request)
    {
        if (_state.Phase != SupervisorPhase.Running)
        {
            _commands.Add(new CompleteReload(request.Request, [], NotRunningError));
            return;
        }

        if (request.Action is ReloadAction.RestartWorker missing && ErrorOf(missing) is { } error)
        {
            _commands.Add(new CompleteReload(request.Request, [], error));
            return;
        }

        if (request.Action is not ReloadAction.ReloadProcess)
        {
            RenewSpares();
        }

        _state.Operation = new ReloadOperation(
            request.Request,
            _state.LastSpawn,
            request.Action is ReloadAction.RestartService or ReloadAction.RestartWorker,
            request.Action is ReloadAction.ReloadServices ? _state.ConfigurationVersion : null);
        switch (request.Action)
        {
            case ReloadAction.ReloadServices:
                ReloadServices();
                break;
            case ReloadAction.RestartService restart:
                var service = _state.Services.Single(s => s.Name == restart.Name);
                RetryDownSlots(service);
                ReloadService(service, ReloadMethod.Restart, _ => true);
                break;
            case ReloadAction.RestartWorker restart:
                RestartWorker(_state.Services.Single(s => s.Name == restart.Name).FindSlot(restart.Id)!);
                break;
            case ReloadAction.ReloadProcess { Spawn: var spawn }:
                foreach (var each in _state.Services)
                {
                    ReloadService(each, each.Settings.ReloadMethod, process => process.Spawn == spawn);
                }

                break;
        }

        FailStuckSlots();
        CompleteReloadWhenSettled();
    }

    private void FailStuckSlots()
    {
        foreach (var slot in _state.Services.SelectMany(s => s.Slots).Where(s => s.Operation is not null))
        {
            if (slot.Process is { IsStuck: true } stuck)
            {
                Settle(slot, OperationStepKind.Failed, CauseOf(stuck));
            }
        }
    }

    /// <summary>
    /// Reloads all services as their options say. Processes that were started or assigned with the newest configuration are skipped, such as
    /// workers that a hook has added.
    /// </summary>
    private void ReloadServices()
    {
        var newest = _state.ConfigurationVersion;
        foreach (var service in _state.Services)
        {
            var method = service.Settings.ReloadMethod;
            RetryDownSlots(service);
            ReloadService(service, method, process => newest != (method == ReloadMethod.Restart
                ? process.StartedWith
                : process.AssignedWith ?? process.StartedWith));
        }
    }

    private void ReloadService(ServiceState service, ReloadMethod method, Predicate<ProcessState> isConcerned)
    {
        foreach (var slot in service.Slots.Where(s => s.IsInTarget && method != ReloadMethod.None))
        {
            var process = slot.Process is { IsLeaving: false } present ? present : null;
            if ((slot.EligibleSuccessor is { } successor && isConcerned(successor)) || (process is not null && isConcerned(process)))
            {
                _state.Operation!.Add(slot);
                ReloadSlot(slot, method);
            }
        }
    }

    private void ReloadSlot(Slot slot, ReloadMethod method)
    {
        // A new successor has the configuration already, for example because the same change has new start settings.
        var stale = slot.EligibleSuccessor is { } successor && !slot.Operation!.IsNew(successor) ? successor : null;
        if (method == ReloadMethod.Restart)
        {
            if (stale is not null || slot.EligibleSuccessor is null)
            {
                Replace(slot);
            }

            return;
        }

        // It can take the slot and then reload in place.
        stale?.Reload.IsNeeded = true;
        if (slot.Process is { IsLeaving: false } process)
        {
            if (!process.Start.Equals(slot.Service.Settings.Start) && stale is null)
            {
                // Its replacement, which new start settings need, was aborted before.
                EnqueueReplacement(slot);
            }

            // With Auto the worker decides: it answers that it cannot reload if its service has no reload.
            ReloadWhenReady(process);
        }
    }

    private void ReloadWhenReady(ProcessState process)
    {
        if (process.Works)
        {
            ReloadInPlace(process);
        }
        else
        {
            process.Reload.IsNeeded = true;
        }
    }

    /// <summary>Requests a reload in the running process. The worker answers that it cannot if its service has no reload.</summary>
    private void ReloadInPlace(ProcessState process)
    {
        process.Reload.IsNeeded = false;
        process.Reload.IsRunning = true;
        process.Reload.ValuesVersion = _state.ValuesVersion;
        process.Deadline = null;
        SetDeadline(process, process.Slot.Service.Settings.GracefulTimeout);
        process.Slot.Operation?.Begin(process.Slot, _now);
        _commands.Add(new ReloadWorker(process.Spawn));
    }

    private void OnNewlyReady(ProcessState process)
    {
        var slot = process.Slot;
        if (process.Reload.IsNeeded)
        {
            ReloadInPlace(process);
        }
        else if (slot.Operation?.IsNew(process) == true)
        {
            Settle(slot, OperationStepKind.Replaced);
        }
    }

    private void OnWorkerReloaded(ProcessState process)
    {
        process.Reload.IsRunning = false;
        process.ValuesVersion = process.Reload.ValuesVersion;
        if (process.Works)
        {
            process.Deadline = null;
        }

        if (process.Slot.Operation is { IsRestart: false })
        {
            Settle(process.Slot, OperationStepKind.Reloaded);
        }
    }

    /// <summary>Replaces a worker that cannot reload in place, or has not within its graceful timeout.</summary>
    private void OnWorkerCannotReload(ProcessState process)
    {
        process.Reload.IsRunning = false;
        process.Deadline = null;
        if (process.Slot.EligibleSuccessor is { Reload.IsNeeded: true })
        {
            // It cannot reload in place either.
            Replace(process.Slot);
        }
        else
        {
            EnqueueReplacement(process.Slot);
        }
    }

    /// <summary>
    /// If the old worker exits during a reload, its replacement has the new configuration. If a new process exits before it is ready, the
    /// reload of the slot has failed.
    /// </summary>
    private void OnExitDuringReload(Slot slot, ProcessState process)
    {
        var cause = $"worker {slot.WorkerId} exited before it was ready: {slot.LastExit!.Reason}";
        if (process is { IsReplacement: true, ReadyAt: null, Departure.IsRequested: false })
        {
            AbortReplacements(slot, cause);
        }
        else if (slot.IsGivenUp || (!process.Departure.IsRequested && slot.Operation?.IsNew(process) == true))
        {
            Settle(slot, OperationStepKind.Failed, cause);
        }
    }
}
