using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// Decides which commands follow from a message. Deterministic: the result depends only on the state, the message and the time. It changes
/// the state in place, and has no other effect than to add commands to a list.
/// </summary>
/// <remarks>
/// A message is applied to the state first. Then the slots that it has touched are reconciled with their targets
/// (<c>Decide.Reconcile.cs</c>), which starts missing workers and stops superfluous ones. Slots that it has not touched are not visited, so
/// that an event of one worker stays cheap with thousands of slots.
/// </remarks>
internal readonly ref partial struct Decide
{
    private readonly SupervisorState _state;
    private readonly TimeSpan _now;
    private readonly List<SupervisorCommand> _commands;

    private Decide(SupervisorState state, TimeSpan now, List<SupervisorCommand> commands)
    {
        _state = state;
        _now = now;
        _commands = commands;
    }

    /// <summary>Processes one message at a monotonic time, and adds the resulting commands in the order of their execution.</summary>
    public static void Next(SupervisorState state, SupervisorMessage message, TimeSpan now, List<SupervisorCommand> commands)
    {
        if (state.HasStopped)
        {
            AnswerAfterStop(message, commands);
            return;
        }

        var decide = new Decide(state, now, commands);
        decide.Handle(message);
        decide.Reconcile();
        decide.TellServiceManager();
    }

    private void Handle(SupervisorMessage message)
    {
        switch (message)
        {
            case SupervisorStarted started:
                OnStarted(started.Manager);
                break;
            case StopRequested stop:
                OnStopRequested(stop.ExitCode);
                break;
            case FastStopRequested request:
                OnFastStopRequested(request.EndsProcess);
                break;
            case TerminateHooksCompleted:
                BeginStopping();
                break;
            case ReplacementHooksCompleted hooks when _state.Held.Remove(hooks.Spawn, out var slot):
                slot.IsHeld = false;
                _state.ToReconcile.Enqueue(slot);
                break;
            case ScaleRequested request:
                OnScaleRequested(request);
                break;
            case ScaleAbandoned abandoned:
                OnScaleAbandoned(abandoned);
                break;
            case KillRequested kill:
                OnKillRequested(kill);
                break;
            case SettingsChanged changed:
                OnSettingsChanged(changed);
                break;
            case ReloadRequested reload:
                OnReloadRequested(reload);
                break;
            case ReloadAnnounced announced:
                OnReloadAnnounced(announced.Begins);
                break;
            case ReloadSignaled:
                OnReloadSignaled();
                break;
            case ConfigurationFilesChanged:
                OnConfigurationFilesChanged();
                break;
            case ConfigurationChecked check:
                OnConfigurationChecked(check.IsGood);
                break;
            case TimePassed:
                OnTimePassed();
                break;
            case SlotGranted granted:
                OnSlotGranted(granted);
                break;
            case SlotRevoked revoked:
                OnSlotRevoked(revoked);
                break;
            case LeaseExtended extended:
                OnLeaseExtended(extended.LeaseEnd);
                break;
            case LeaseExpired:
                OnLeaseExpired();
                break;
            case ClusterScaled scaled:
                OnClusterScaled(scaled);
                break;
            case OfWorker about when Find(about.Spawn) is { } process:
                TakeInState(about, process);
                TakeInRequest(about, process);
                break;
        }
    }

    /// <summary>Processes a message about the state of a process, from its start until its exit.</summary>
    private void TakeInState(OfWorker message, ProcessState process)
    {
        switch (message)
        {
            case WorkerStarted started:
                OnWorkerStarted(process, started.ProcessId);
                break;
            case WorkerStartFailed failed:
                OnWorkerStartFailed(process, failed.Error);
                break;
            case WorkerSaidHello hello:
                OnWorkerSaidHello(process, hello.IsOtherBuild);
                break;
            case WorkerBrokeProtocol broke:
                OnWorkerBrokeProtocol(process, broke.Detail);
                break;
            case WorkerBecameReady when process.State == WorkerState.Assigned:
                OnWorkerWorks(process, WorkerState.Ready, WorkerEventKind.Ready);
                break;
            case WorkerBecameIdle when process.State is WorkerState.Assigned or WorkerState.Ready:
                OnWorkerWorks(process, WorkerState.Idle, WorkerEventKind.Idle);
                break;
            case WorkerIsLeaving leaving:
                OnWorkerIsLeaving(process, leaving);
                break;
            case WorkerExited exited:
                OnWorkerExited(process, exited);
                break;
        }
    }

    /// <summary>Processes a request of a worker, its answer to a reload, or the result of a check.</summary>
    private void TakeInRequest(OfWorker message, ProcessState process)
    {
        switch (message)
        {
            case WorkerReloaded when process.Reload.IsRunning:
                OnWorkerReloaded(process);
                break;
            case WorkerCannotReload when process is { Reload.IsRunning: true, Works: true }:
                OnWorkerCannotReload(process);
                break;
            case WorkerAskedForReload when process is { Incarnation: > 0, IsLeaving: false }:
                _commands.Add(new CheckBeforeReload(process.Spawn));
                break;
            case WorkerAskedForReplacement when !process.IsLeaving && process.Slot.Process == process && !IsSpare(process):
                ReplaceOrDelay(process, WorkerExitReason.Replaced, detail: null);
                break;
            case WorkerAskedForShutdown request when process.Incarnation > 0:
                OnWorkerAskedForShutdown(process, request.ExitCode);
                break;
            case WorkerIsAlive:
                process.Checks.SinceAlive = 0;
                break;
            case WorkerMemoryMeasured measured when process.Works:
                OnMemoryMeasured(process, measured.Bytes);
                break;
            case WorkerInspected inspected when process.Departure.Reason == WorkerExitReason.LivenessTimeout:
                process.Departure.Detail = inspected.Snapshot;
                break;
        }
    }

    private void OnStarted(ServiceManager? manager)
    {
        if (_state.Phase != SupervisorPhase.NotStarted)
        {
            return;
        }

        _state.Phase = SupervisorPhase.Running;
        BeginNotices(manager);
        foreach (var service in _state.Services.Where(s => !s.IsOfCluster))
        {
            service.Scale(service.Settings.Workers).ForEach(_state.ToReconcile.Enqueue);
        }

        OfferClusterServices();
        ScaleSpares();
    }

    private void OnTimePassed()
    {
        while (_state.Deadlines.TryTakeDue(_now, out var subject))
        {
            switch (subject)
            {
                case Slot slot:
                    _state.ToReconcile.Enqueue(slot);
                    break;
                case ProcessState process:
                    OnWorkerDeadline(process);
                    break;
                case WorkerCheck check:
                    OnCheckDue(check);
                    break;
                case NoticeTimer timer:
                    OnNoticeDue(timer);
                    break;
                default:
                    OnPhaseDeadline();
                    break;
            }
        }
    }

    private const string NotStartedError = "The supervisor has not started yet; wait until the host has started.";

    private const string StoppingError = "The supervisor is stopping.";

    private string NotRunningError => _state.Phase == SupervisorPhase.NotStarted ? NotStartedError : StoppingError;

    private void Complete(int? request, string? error, ScaleOutcome? outcome = null)
    {
        if (request is { } number)
        {
            _commands.Add(new CompleteRequest(number, error, outcome));
        }
    }

    private ProcessState? Find(int spawn) => _state.Processes.GetValueOrDefault(spawn);

    private void Publish(WorkerEventKind kind, ProcessState process, string? detail = null) =>
        _commands.Add(new Publish(kind, process.Identity, detail));
}
