using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>Handles the exit of a worker: records it, counts failures, and decides when the next worker starts.</summary>
internal readonly ref partial struct Decide
{
    private void OnWorkerExited(ProcessState process, WorkerExited exited)
    {
        var slot = process.Slot;
        ReleaseStartPlace(process);
        _state.Processes.Remove(process.Spawn);
        _state.Killed -= process.State == WorkerState.Killed ? 1 : 0;
        process.Deadline = null;
        EndChecks(process);
        _state.ToReconcile.Enqueue(slot);
        if (slot.Successor == process)
        {
            OnSuccessorExited(process, exited);
            return;
        }

        NoteEndOfLease(process);
        slot.Process = null;
        slot.Replacement.IsWanted &= slot.EligibleSuccessor is not null;
        var reason = ReasonOf(process, exited.Status);
        var wasEnded = reason is WorkerExitReason.StopTimeout or WorkerExitReason.LivenessTimeout && exited.Status.Code != 0;
        if (wasEnded && _state.Phase == SupervisorPhase.Stopping && _state.ExitCode == 0)
        {
            _state.ExitCode = 1;
        }

        var isFailure = !process.Departure.IsRequested && reason is not (WorkerExitReason.Terminated or WorkerExitReason.LeaseEnded);
        var nextStart = ScheduleNextStart(slot, process, isFailure);
        slot.Failures.Outage = nextStart is null ? null : slot.Failures.Outage ?? (_now, reason);
        slot.LastExit = slot.Service.LastExit = Record(process, reason, exited, nextStart);
        if (slot.IsGivenUp)
        {
            OnGivenUp(slot);
        }
        else if (_state.HasReplacementHooks && !process.Departure.IsRequested && WantsProcess(slot) && !IsSpare(process))
        {
            slot.IsHeld = true;
            _state.Held.Add(process.Spawn, slot);
            _commands.Add(new RunReplacementHooks(process.Spawn, slot.LastExit));
        }

        OnExitDuringReload(slot, process);
    }

    private WorkerExit Record(ProcessState process, WorkerExitReason reason, WorkerExited exited, TimeSpan? nextStart)
    {
        var slot = process.Slot;
        var leftEarly = process is { SaidHello: false, Departure.IsRequested: false } && reason is WorkerExitReason.Exited or WorkerExitReason.Signaled;
        var earlyExit = leftEarly ? EarlyExit.Describe(exited.StandardErrorTail, hasExited: reason == WorkerExitReason.Exited) : null;
        var exit = new WorkerExit
        {
            Service = slot.Service.Name,
            WorkerId = slot.WorkerId,
            Incarnation = process.Incarnation,
            ProcessId = process.ProcessId,
            Reason = reason,
            ExitCode = exited.Status.Code,
            Signal = exited.Status.Signal,
            ExitedAt = _state.WallClock,
            Uptime = _now - process.StartedAt,
            Message = process.Departure.Detail
                ?? earlyExit
                ?? (reason == WorkerExitReason.Exited && exited.Status == ExitStatus.Unknown ? UnknownStatus : null),
            StandardErrorTail = exited.StandardErrorTail,
            NextStart = nextStart,
        };
        var hasFailed = process is { ReadyAt: null, Departure.IsRequested: false } && reason != WorkerExitReason.Terminated;
        _commands.Add(new RecordExit(exit, hasFailed && !IsSpare(process) ? StartOf(process) : null));
        return exit;
    }

    private StartTimes StartOf(ProcessState process)
    {
        var begin = process.TakenAt ?? process.StartedAt;
        var waited = process.HelloAt is { } hello
            ? (process.AssignedAt ?? _now) - (hello > begin ? hello : begin)
            : TimeSpan.Zero;
        var outage = process.Slot.Failures.Outage is { } lost ? new WorkerOutage(_now - lost.Since, lost.Reason) : null;
        return new StartTimes(_now - begin, waited, process.TakenAt is not null, outage);
    }

    /// <summary>Resets the back-off after a stable worker. Counts a failure, and then gives the worker up, or sets the time at which its slot is filled again.</summary>
    /// <returns>The delay until then; null if the slot stays empty.</returns>
    private TimeSpan? ScheduleNextStart(Slot slot, ProcessState process, bool isFailure)
    {
        var settings = slot.Service.Settings;
        if (process.ReadyAt is { } readyAt && _now - readyAt >= settings.StableAfter)
        {
            slot.Failures.InRow = 0;
            if (!process.IsReplacedEarly)
            {
                // Otherwise the delay before the replacement and the time of the stop would count as stable time.
                slot.Failures.EarlyReplacements = 0;
            }
        }

        if (!isFailure)
        {
            return WantsProcess(slot) ? TimeSpan.Zero : null;
        }

        slot.Failures.Restarts++;
        slot.Failures.FailedStarts = process.ReadyAt is null ? slot.Failures.FailedStarts + 1 : 0;
        slot.Failures.InRow++;
        if (process.Incarnation == 0)
        {
            // A process that exits before it has a worker id is restarted with a delay, because the next one will probably exit too. The
            // delay also lets the master receive a Ctrl+C first, which ends starting processes before they can handle it.
            slot.Failures.InRow = Math.Max(slot.Failures.InRow, 2);
        }

        if (slot.Failures.Window.AddCrash(_now, settings.MaxRestarts, settings.MaxRestartsWindow) && WantsProcess(slot))
        {
            slot.Service.GiveUp(slot, true);
            return null;
        }

        if (slot.EligibleSuccessor is not null && WantsProcess(slot))
        {
            // A successor is waiting or starting already.
            return TimeSpan.Zero;
        }

        var delay = settings.Backoff.DelayAfter(slot.Failures.InRow, Jitter.Sample(_state.Seed, process.Spawn));
        if (delay > TimeSpan.Zero)
        {
            _state.Deadlines.Set(slot, _now + delay);
        }

        return WantsProcess(slot) ? delay : null;
    }

    private void OnGivenUp(Slot slot)
    {
        var action = slot.Service.Settings.OnGiveUp;
        _commands.Add(new RecordGiveUp(slot.LastExit!, action));
        if (action == GiveUpAction.StopHost)
        {
            OnStopRequested(exitCode: 3);
        }

        ReturnToCluster(slot, "it crashed too often");
    }

    private const int KillSignal = 9;

    private const string UnknownStatus =
        "The exit code is not known, because other code of the program has reaped the process. If the master is process 1 of a container and starts "
        + "processes, the .NET runtime reaps all processes: use an init process, for example docker run --init.";

    private static WorkerExitReason ReasonOf(ProcessState process, ExitStatus status)
    {
        var wasKilledByOthers = status.Signal is { } signal && (process.State != WorkerState.Killed || signal != KillSignal);
        return process.Departure.Reason switch
        {
            null => wasKilledByOthers ? WorkerExitReason.Signaled : WorkerExitReason.Exited,
            WorkerExitReason.Stopped or WorkerExitReason.Replaced or WorkerExitReason.Terminated or WorkerExitReason.MaxAge
                or WorkerExitReason.MaxMemory when wasKilledByOthers => WorkerExitReason.Signaled,
            { } reason => reason,
        };
    }
}
