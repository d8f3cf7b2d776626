using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>The end: hooks, then all workers at once, then the last command.</summary>
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

    private void OnWorkerAskedForShutdown(WorkerProcess process, int exitCode)
    {
        if (_state.Phase == SupervisorPhase.Running)
        {
            _commands.Add(new RecordShutdownRequest(process.Identity, exitCode));
            OnStopRequested(exitCode);
        }
    }

    private void OnFastStopRequested()
    {
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
            process.IsUnwanted = true;
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
            _state.Touched.Enqueue(process.Slot);
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
            // What SIGKILL does not end hangs in the kernel; waiting longer helps nobody.
            _state.ExitCode = 1;
            foreach (var process in _state.Processes.Values.ToList())
            {
                process.LeavingDetail = "It was sent SIGKILL and is still there: a call to the kernel does not return.";
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
            Finish();
        }
        else if (_state.Deadline is null && AreAllKilled)
        {
            // They were killed before the end began, or before others left.
            SetPhaseDeadline(_state.IsFastStop ? _state.Settings.FastReapTimeout : _state.Settings.ReapTimeout);
        }
    }

    // Counted, not looked up: this is asked after every message of the end.
    private bool AreAllKilled => _state.Killed == _state.Processes.Count;

    private void Finish()
    {
        _state.Phase = SupervisorPhase.Stopped;
        TellStatus(atOnce: true);
        _commands.Add(new Finish(_state.ExitCode, _state.IsFastStop));
    }

    private void SetPhaseDeadline(TimeSpan timeout) => _state.Alarms.Set(_state, _now + timeout);
}
