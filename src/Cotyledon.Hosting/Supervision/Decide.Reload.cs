using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>Applies new options, and reloads workers.</summary>
internal readonly ref partial struct Decide
{
    private void OnSettingsChanged(SettingsChanged changed)
    {
        _state.Settings = changed.Settings;
        _state.ConfigurationVersion++;
        _state.ValuesVersion += changed.WithoutReload || !changed.HasChangedValues ? 0 : 1;
        var retried = new List<string>();
        foreach (var settings in changed.Services)
        {
            var service = _state.Services.Single(s => s.Name == settings.Name);
            var old = service.Settings;
            service.Settings = settings;
            if (!settings.Equals(old))
            {
                retried.Add(settings.Name);
            }

            if (_state.Phase == SupervisorPhase.Running)
            {
                Apply(service, old);
                if (changed.WithoutReload)
                {
                    PublishConfiguration(service);
                }
            }
        }

        if (_state.Phase == SupervisorPhase.Running)
        {
            OfferClusterServices(retried);
            ScaleSpares();
        }
    }

    private void Apply(ServiceState service, ServiceSettings old)
    {
        var settings = service.Settings;
        if (!settings.Equals(old))
        {
            RetryDownSlots(service);
        }

        // Only if the configuration has changed the number. A number that the API has set stays until then.
        if (settings.Workers != old.Workers && !service.IsOfCluster)
        {
            Scale(service, settings.Workers);
        }

        if (settings.GracefulTimeout != old.GracefulTimeout || settings.LivenessTimeout != old.LivenessTimeout)
        {
            UpdateWorkers(service);
        }

        if (!settings.HasSameChecksAs(old))
        {
            foreach (var slot in service.Slots.Where(s => s.Process is { Works: true }))
            {
                BeginChecks(slot.Process!);
            }
        }

        if (!settings.Start.Equals(old.Start))
        {
            ReplaceAll(service);
        }
    }

    /// <summary>
    /// Lets the launcher send the configuration to the workers of a service. A process without a worker id gets it with its assignment. A worker
    /// that keeps old values gets it with its next reload, because the configuration also has the values that were withheld from it.
    /// </summary>
    private void PublishConfiguration(ServiceState service)
    {
        foreach (var slot in service.Slots)
        {
            if (service.Settings.ReloadMethod != ReloadMethod.None && slot.Process is { Incarnation: > 0, IsLeaving: false } process
                && process.ValuesVersion == _state.ValuesVersion)
            {
                _commands.Add(new PublishConfiguration(process.Spawn));
            }
        }
    }

    /// <summary>Replaces all workers of a service, because the start settings of a running process cannot be changed.</summary>
    private void ReplaceAll(ServiceState service)
    {
        foreach (var slot in service.Slots.Where(s => s.IsInTarget))
        {
            Replace(slot);
        }
    }

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
            request.Request, _state.LastSpawn, request.Action is ReloadAction.ReloadServices ? _state.ConfigurationVersion : null);
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

        Settle(process.Slot, OperationStepKind.Reloaded);
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
