using static Cotyledon.Hosting.Supervision.SupervisorCommand;

namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// Compares the target of each touched slot with its process, and starts or stops processes accordingly. Also contains the steps to start,
/// stop and kill a process.
/// </summary>
internal readonly ref partial struct Decide
{
    private void Reconcile()
    {
        LeaveClusterWhenStopping();
        do
        {
            while (_state.ToReconcile.TryDequeue(out var slot))
            {
                Reconcile(slot);
            }
        }
        while (TouchNextInStartQueue());

        foreach (var service in _state.Services)
        {
            AdvanceReplacements(service);
            CompleteScaleRequests(service);
        }

        FillSpares();

        AnnounceWhenSettled();
        FinishWhenEmpty();
    }

    private void Reconcile(Slot slot)
    {
        var hasToLeave = !slot.IsInTarget || _state.Phase == SupervisorPhase.Stopping;
        if (hasToLeave)
        {
            LeaveReload(slot);
            (slot.Failures.Outage, slot.Failures.FailedStarts) = (null, 0);
        }

        if ((hasToLeave || slot.IsGivenUp) && slot.Successor is { } successor)
        {
            slot.Replacement.IsWanted = false;
            Stop(successor, WorkerExitReason.Stopped);
        }

        if (slot.Process is { } process)
        {
            if (hasToLeave && !process.Departure.IsRequested)
            {
                var (reason, cause) = slot.Grant is { IsRevoked: true } grant ? grant.Revocation : (WorkerExitReason.Stopped, null);
                if (!process.IsLeaving)
                {
                    // Otherwise the detail says why the process is leaving already.
                    process.Departure.Detail = cause is null ? null : $"{char.ToUpperInvariant(cause[0])}{cause[1..]}.";
                }

                Stop(process, reason);
            }
        }
        else if (WantsProcess(slot) && !slot.IsHeld && slot.EligibleSuccessor is { } next && !HasUsedUp(slot))
        {
            Promote(slot, next);
        }
        else if (WantsProcess(slot) && !slot.IsHeld && slot.Deadline is null && !slot.IsQueued)
        {
            Fill(slot);
        }

        ReportIfVacant(slot);
        slot.Service.Count(slot);
    }

    private bool WantsProcess(Slot slot) =>
        _state.Phase == SupervisorPhase.Running && slot.IsInTarget && !slot.IsGivenUp && HasLease(slot.Service);

    private void Fill(Slot slot)
    {
        if (slot.Service == _state.Spares)
        {
            _state.LacksSpares = true;
            return;
        }

        if (HasUsedUp(slot))
        {
            ReturnToCluster(slot, "its incarnations are used up");
            return;
        }

        if (TakeSpare(slot) is { } spare)
        {
            slot.Process = spare;
            if (spare.SaidHello)
            {
                Assign(spare);
            }

            return;
        }

        if (_state.Starting >= _state.Settings.MaxConcurrentStarts)
        {
            slot.IsQueued = true;
            _state.StartQueue.Enqueue(slot);
            return;
        }

        slot.Process = StartProcess(slot);
    }

    private ProcessState StartProcess(Slot slot)
    {
        var process = new ProcessState(++_state.LastSpawn, slot, _now)
        {
            HoldsStartPlace = true,
            StartedWith = _state.ConfigurationVersion,
            Start = slot.Service.Settings.Start,
        };
        _state.Processes.Add(process.Spawn, process);
        _state.Starting++;
        SetDeadline(process, slot.Service.Settings.ReadyTimeout);
        _commands.Add(new StartWorker(process.Spawn, slot.Service.Name, slot.WorkerId, slot.Service.Settings.Start));
        return process;
    }

    private bool TouchNextInStartQueue()
    {
        if (_state.Starting >= _state.Settings.MaxConcurrentStarts || !_state.StartQueue.TryDequeue(out var slot))
        {
            return false;
        }

        slot.IsQueued = false;
        _state.ToReconcile.Enqueue(slot);
        return true;
    }

    private void ReleaseStartPlace(ProcessState process)
    {
        if (process.HoldsStartPlace)
        {
            process.HoldsStartPlace = false;
            _state.Starting--;
        }
    }

    /// <summary>The stop timeout of a process without a worker id, longer than the one second after which such a process ends by itself.</summary>
    private static readonly TimeSpan UnassignedStopTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Stops a process gracefully, or kills it if its hello has not been processed: it cannot receive commands yet, or has just begun to.
    /// </summary>
    private void Stop(ProcessState process, WorkerExitReason reason)
    {
        if (process.Departure.IsRequested)
        {
            return;
        }

        process.Departure.IsRequested = true;
        if (process is { State: WorkerState.Starting, SaidHello: false })
        {
            Kill(process, reason);
        }
        else if (!process.IsLeaving)
        {
            // Also if it runs no service yet: a graceful stop lets the runtime remove its files from the temporary directory.
            process.Departure.Reason = reason;
            _commands.Add(new StopWorker(process.Spawn));
            BeginLeaving(process);
        }
    }

    /// <summary>
    /// Begins the stop timeout of a worker that was told to stop, or has reported that it stops. By default that is the graceful timeout, or
    /// <see cref="UnassignedStopTimeout"/> if the process has no worker id.
    /// </summary>
    private void BeginLeaving(ProcessState process, string? detail = null, TimeSpan? timeout = null)
    {
        process.State = WorkerState.Stopping;
        process.Deadline = null;
        SetDeadline(
            process,
            timeout ?? (process.Incarnation == 0 ? UnassignedStopTimeout : process.Slot.Service.Settings.GracefulTimeout),
            ServiceSettings.KillDelay);
        Publish(WorkerEventKind.Stopping, process, detail);
        process.Slot.Service.Count(process.Slot);
    }

    private void Kill(ProcessState process, WorkerExitReason reason, string? detail = null)
    {
        _state.Killed++;
        process.State = WorkerState.Killed;
        process.Deadline = null;
        process.Departure.Reason = process.Departure.Reason == WorkerExitReason.LivenessTimeout ? process.Departure.Reason : reason;
        ReleaseStartPlace(process);
        _commands.Add(new KillWorker(process.Spawn));
        Publish(WorkerEventKind.Killed, process, detail ?? KillAdvice(process, reason));
        process.Slot.Service.Count(process.Slot);
        if (_state.Phase != SupervisorPhase.Stopping)
        {
            SetDeadline(process, _state.Settings.ExitTimeout);
        }
        else
        {
            SetPhaseDeadline(_state.IsFastStop ? _state.Settings.FastReapTimeout : _state.Settings.ReapTimeout);
        }
    }

    private string? KillAdvice(ProcessState process, WorkerExitReason reason)
    {
        var (timeout, key) = (process.Timeout, $"Cotyledon:Services:{process.Slot.Service.Name}");
        return reason switch
        {
            WorkerExitReason.ReadyTimeout when IsSpare(process) => $"did not connect within {timeout} and was killed.",
            WorkerExitReason.ReadyTimeout => $"did not become ready within {timeout} and was killed. Raise {key}:ReadyTimeout if the service needs more time to start.",
            WorkerExitReason.StopTimeout when process.Departure.Reason == WorkerExitReason.LivenessTimeout =>
                $"did not stop within {timeout} after it had missed its liveness deadline, and was killed.",
            WorkerExitReason.StopTimeout when process.Incarnation == 0 => $"did not stop within {timeout} and was killed.",
            WorkerExitReason.StopTimeout => $"did not stop within {timeout} and was killed. Raise {key}:GracefulShutdownTimeout if the service needs more time to stop.",
            _ => null,
        };
    }

    private void AnnounceWhenSettled()
    {
        if (!_state.IsAnnounced && _state.Phase == SupervisorPhase.Running && _state.Services.All(s => s.Unsettled == 0))
        {
            _state.IsAnnounced = true;
            TellStatus(atOnce: true);
            _commands.Add(new AnnounceReady(_state.Services.Sum(s => s.GivenUp), _state.HasClusterServices));
        }
    }

    private void SetDeadline(ProcessState process, TimeSpan timeout, TimeSpan delay = default)
    {
        if (timeout > TimeSpan.Zero)
        {
            process.Timeout = timeout;
            _state.Deadlines.Set(process, _now + timeout + delay);
        }
    }
}
