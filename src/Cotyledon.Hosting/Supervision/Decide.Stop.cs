using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>Stops the supervisor: first the hooks run, then all workers stop at the same time, then the last command follows.</summary>
internal readonly ref partial struct Decide
{
    private void OnStopRequested(int exitCode)
    {
        switch (_state.Phase)
        {
            case SupervisorPhase.NotStarted:
                _state.ExitCode = exitCode;
                _state.Phase = SupervisorPhase.Stopping;
                break;
            case SupervisorPhase.Running:
                _state.ExitCode = exitCode;
                _state.Phase = SupervisorPhase.Terminating;
                _commands.Add(new RunTerminateHooks());
                SetPhaseDeadline(_state.Settings.HookTimeout);
                break;
        }
    }

    private void OnWorkerAskedForShutdown(ProcessState process, int exitCode)
    {
        if (_state.Phase == SupervisorPhase.Running)
        {
            _commands.Add(new RecordShutdownRequest(process.Identity, exitCode));
            OnStopRequested(exitCode);
        }
    }

    private void OnFastStopRequested(bool endsProcess)
    {
        _state.EndsProcess |= endsProcess;
        if (_state.IsFastStop)
        {
            return;
        }

        _state.ExitCode = 1;
        _state.IsFastStop = true;
        _state.Phase = SupervisorPhase.Stopping;
        _state.Deadline = null;
        foreach (var process in _state.Processes.Values.Where(p => p.State != WorkerState.Killed))
        {
            process.Departure.IsRequested = true;
            Kill(process, WorkerExitReason.FastStop);
        }
    }

    private void BeginStopping()
    {
        if (_state.Phase != SupervisorPhase.Terminating)
        {
            return;
        }

        _state.Phase = SupervisorPhase.Stopping;
        _state.Deadline = null;
        foreach (var process in _state.Processes.Values)
        {
            _state.ToReconcile.Enqueue(process.Slot);
        }
    }

    private void OnPhaseDeadline()
    {
        if (_state.Phase == SupervisorPhase.Terminating)
        {
            BeginStopping();
        }
        else if (_state.Phase == SupervisorPhase.Stopping && AreAllKilled)
        {
            // A process that SIGKILL does not end is blocked in a system call. A longer wait would not help.
            _state.ExitCode = 1;
            foreach (var process in _state.Processes.Values.ToList())
            {
                process.Departure.Detail = "The process has not exited after SIGKILL: it is blocked in a system call.";
                process.Slot.Grant?.IsStuck = true;
                OnWorkerExited(process, new WorkerExited(process.Spawn, ExitStatus.Unknown, []));
            }
        }
    }

    private void FinishWhenEmpty()
    {
        if (_state.Phase != SupervisorPhase.Stopping)
        {
            return;
        }

        if (_state.Operation is { } operation)
        {
            _state.Operation = null;
            _commands.Add(new CompleteReload(operation.Request, operation.Services, StoppingError));
        }

        if (_state.Processes.Count == 0)
        {
            CompleteStop();
        }
        else if (_state.Deadline is null && AreAllKilled)
        {
            // The remaining processes were killed before the stop began, or the deadline passed while others were still stopping.
            SetPhaseDeadline(_state.IsFastStop ? _state.Settings.FastReapTimeout : _state.Settings.ReapTimeout);
        }
    }

    // A counter instead of a search, because this is evaluated after every message during the stop.
    private bool AreAllKilled => _state.Killed == _state.Processes.Count;

    private void CompleteStop()
    {
        _state.Phase = SupervisorPhase.Stopped;
        TellStatus(atOnce: true);
        _commands.Add(new Finish(_state.ExitCode, _state.IsFastStop, _state.EndsProcess));
    }

    private void SetPhaseDeadline(TimeSpan timeout) => _state.Deadlines.Set(_state, _now + timeout);
}
