using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The invariants that hold after every message. The only source for past events is the commands.</summary>
internal sealed class Invariants(SupervisorState state)
{
    private readonly HashSet<(string Service, int WorkerId)> _held = [];
    private readonly HashSet<int> _stopped = [];
    private readonly HashSet<int> _killed = [];
    private readonly HashSet<int> _assigned = [];
    private readonly HashSet<int> _openRequests = [];
    private readonly HashSet<int> _openReloads = [];
    private readonly ReloadInvariants _reloads = new(state);
    private readonly NoticeInvariants _notices = new(state);
    private readonly ConfigurationInvariants _configuration = new(state);
    private int _live;
    private int _lastSpawn;
    private bool _hasFinished;

    public void Check(SupervisorMessage message, TimeSpan now, List<SupervisorCommand> commands)
    {
        if (message is SupervisorMessage.ScaleRequested { Request: { } request })
        {
            Holds(_openRequests.Add(request), "the test uses a request twice");
        }

        if (message is SupervisorMessage.KillRequested kill)
        {
            Holds(_openRequests.Add(kill.Request), "the test uses a request twice");
        }

        if (message is SupervisorMessage.ReloadRequested reload)
        {
            Holds(_openReloads.Add(reload.Request), "the test uses a reload twice");
        }

        foreach (var command in commands)
        {
            CheckCommand(command);
        }

        _reloads.Check(message, commands);
        _notices.Check(commands);
        _configuration.Check(message, commands);
        CheckSlots();
        CheckCounters();
        CheckPendingWork();
        Holds(state.ToReconcile.Count == 0, "a slot was not reconciled");
        Holds(state.Phase == SupervisorPhase.Running || _openRequests.Count == 0, "a request stays open although the supervisor stops");
        Holds(
            message is not SupervisorMessage.TimePassed || !(state.NextDeadline <= now),
            "a deadline that has passed is still pending");
        if (state.HasStopped)
        {
            CheckEnd();
        }
    }

    private void CheckCommand(SupervisorCommand command)
    {
        Holds(!_hasFinished || command is CompleteRequest or CompleteReload or ReportVacant, $"{command} comes after the end");
        switch (command)
        {
            case StartWorker start:
                Holds(state.Phase == SupervisorPhase.Running, "a worker is started although the supervisor stops");
                Holds(start.Spawn > _lastSpawn, "a spawn number is used twice");
                _live++;
                _lastSpawn = start.Spawn;
                break;
            case AssignWorker assign:
                Holds(state.Phase == SupervisorPhase.Running, "a worker is assigned although the supervisor stops");
                Holds(_assigned.Add(assign.Spawn), "a process is assigned twice");
                Holds(
                    _held.Add((assign.Assignment.Service, assign.Assignment.WorkerId)), "a slot is given to a second process");
                IsLive(assign.Spawn);
                break;
            case UpdateWorker update:
                IsLive(update.Spawn);
                break;
            case PublishConfiguration publish:
                Holds(_assigned.Contains(publish.Spawn), "a process without a slot is sent a configuration");
                IsLive(publish.Spawn);
                break;
            case StopWorker stop:
                Holds(_stopped.Add(stop.Spawn) && !_killed.Contains(stop.Spawn), "a process is asked to stop twice or after its kill");
                Holds(state.Processes[stop.Spawn].SaidHello, "a process without a hello is asked to stop");
                IsLive(stop.Spawn);
                CheckBudget(state.Processes[stop.Spawn]);
                break;
            case KillWorker kill:
                Holds(_killed.Add(kill.Spawn), "a process is killed twice");
                IsLive(kill.Spawn);
                break;
            case RecordExit record:
                CheckExit(record.Exit);
                break;
            case CompleteRequest complete:
                Holds(_openRequests.Remove(complete.Request), "a request is answered twice");
                break;
            case CompleteReload complete:
                Holds(_openReloads.Remove(complete.Request), "a reload is answered twice");
                break;
            case Finish:
                _hasFinished = true;
                break;
        }
    }

    private void CheckExit(WorkerExit exit)
    {
        var slot = (exit.Service, exit.WorkerId);
        Holds(--_live >= 0, "an exit is recorded without a start");
        Holds(exit.Incarnation == 0 || _held.Remove(slot), "a process exits from a slot that it did not have");
    }

    /// <summary>A planned operation never makes more than MaxUnavailable workers unavailable.</summary>
    private static void CheckBudget(ProcessState stopped)
    {
        var service = stopped.Slot.Service;
        var missing = service.Target - service.Ready - service.GivenUp - service.Retried - service.Stuck;
        var isPlanned = stopped is
        {
            Departure.Reason: WorkerExitReason.Replaced or WorkerExitReason.MaxAge or WorkerExitReason.MaxMemory, ReadyAt: not null
        };
        Holds(!isPlanned || missing <= service.Settings.MaxUnavailable, $"{missing} workers of {service.Name} are missing");
    }

    private void CheckSlots()
    {
        Holds(state.Processes.Count == _live, "processes, starts and exit records do not agree");
        foreach (var (spawn, process) in state.Processes)
        {
            var slot = process.Slot;
            Holds(spawn == process.Spawn, "a process has the wrong spawn number");
            Holds(slot.Process == process || slot.Successor == process, "a process is not in its slot");
            Holds(slot.Successor != process || process.Incarnation == 0, "a successor was given the slot too early");
        }
    }

    private void CheckCounters()
    {
        foreach (var service in state.Services)
        {
            var (ready, unsettled, givenUp) = (0, 0, 0);
            foreach (var slot in service.Slots)
            {
                var works = slot is { IsInTarget: true, Process.Works: true };
                ready += works ? 1 : 0;
                unsettled += slot.IsInTarget ? (works || slot.IsGivenUp ? 0 : 1) : (slot.Process is null ? 0 : 1);
                givenUp += slot.IsGivenUp ? 1 : 0;
            }

            Holds(service.Ready == ready, $"{service.Name}: Ready is {service.Ready}, not {ready}");
            Holds(service.Unsettled == unsettled, $"{service.Name}: Unsettled is {service.Unsettled}, not {unsettled}");
            Holds(service.GivenUp == givenUp, $"{service.Name}: GivenUp is {service.GivenUp}, not {givenUp}");
        }

        var killed = state.Processes.Values.Count(p => p.State == WorkerState.Killed);
        Holds(state.Killed == killed, $"Killed is {state.Killed}, not {killed}");
        var starting = state.Processes.Values.Count(p => p.HoldsStartPlace);
        Holds(state.Starting == starting, $"Starting is {state.Starting}, not {starting}");
        Holds(starting <= state.Settings.MaxConcurrentStarts, $"{starting} processes start at the same time");
    }

    /// <summary>Every difference from the target has a pending message or deadline that removes it.</summary>
    private void CheckPendingWork()
    {
        foreach (var process in state.Processes.Values)
        {
            var settings = process.Slot.Service.Settings;
            var isWaiting = process is { SaidHello: true, State: WorkerState.Starting };
            var timeout = process.State switch
            {
                WorkerState.Starting or WorkerState.Assigned => settings.ReadyTimeout,
                WorkerState.Ready or WorkerState.Idle when process.Reload.IsRunning => settings.GracefulTimeout,
                // A spare worker or a hanging process has a deadline even if the graceful timeout is zero.
                WorkerState.Stopping when process.Incarnation == 0 || process.Departure.Reason == WorkerExitReason.LivenessTimeout => TimeSpan.MaxValue,
                WorkerState.Stopping => settings.GracefulTimeout,
                WorkerState.Killed when !process.IsStuck => TimeSpan.MaxValue,
                _ => TimeSpan.Zero,
            };
            var isEnding = process.State == WorkerState.Killed && state.Phase != SupervisorPhase.Running;
            Holds(
                isWaiting || isEnding || process.Deadline is not null == timeout > TimeSpan.Zero,
                $"a process that is {process.State} has the deadline {process.Deadline}");
            CheckLimits(process, settings);
            Holds(
                process is not { SaidHello: true, State: WorkerState.Starting } || process.Slot.Process != process
                    || process.Slot.Service == state.Spares,
                "a process with a hello and a slot was not assigned");
            Holds(
                process.IsLeaving || (process.Slot.IsInTarget && state.Phase != SupervisorPhase.Stopping),
                "a surplus process was not asked to stop");
        }

        if (state.Phase == SupervisorPhase.Running)
        {
            var lacksSpares = state.Spares.Slots.Any(s => s is { IsInTarget: true, Process: null, Deadline: null });
            Holds(!lacksSpares || state.LacksSpares, "a missing spare worker is not recorded");
            Holds(!lacksSpares || state.Starting > 0 || state.StartQueue.Count > 0, "a spare worker could be started and is not");
            foreach (var slot in state.Services.SelectMany(s => s.Slots))
            {
                var isFilled = slot.Process is not null || slot.IsGivenUp || slot.IsQueued || slot.Deadline is not null || slot.IsHeld;
                Holds(!slot.IsHeld || state.Held.ContainsValue(slot), "a slot waits for hooks that are not running");
                Holds(!slot.IsHeld || slot.Process is null, "a slot is filled before its hooks have run");
                var mayRun = slot.IsInTarget && (!slot.Service.IsOfCluster || state.BootTime < state.LeaseEnd - 100);
                Holds(isFilled || !mayRun, $"slot {slot.WorkerId} of {slot.Service.Name} stays empty");
            }
        }

        if (state.Phase == SupervisorPhase.Stopping && state.Processes.Values.All(p => p.State == WorkerState.Killed))
        {
            Holds(state.Deadline is not null, "the stop waits for killed processes without a deadline");
        }
    }

    private void CheckLimits(ProcessState process, ServiceSettings settings)
    {
        if (process.Works && state.Phase == SupervisorPhase.Running)
        {
            Holds(process.Checks.Liveness.Deadline is not null == (settings.LivenessTimeout != Timeout.InfiniteTimeSpan), "wrong liveness deadline");
            Holds(process.Checks.Age.Deadline is not null == settings.MaxAge is not null, "wrong age deadline");
            Holds(process.Checks.Memory.Deadline is not null == settings.MaxMemory is not null, "wrong memory deadline");
        }
    }

    private void CheckEnd()
    {
        Holds(_hasFinished, "no Finish command was sent");
        Holds(_openReloads.Count == 0, "a reload stays open although the supervisor has stopped");
        if (state.Processes.Count > 0)
        {
            Holds(state.ExitCode == 1, "processes are left behind and the exit code is not 1");
            Holds(state.Processes.Values.All(p => p.State == WorkerState.Killed), "a process is left behind unkilled");
        }
    }

    private void IsLive(int spawn) =>
        Holds(state.Processes.ContainsKey(spawn), $"a command names process {spawn}, which has exited");

    private static void Holds(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new AssertionException(otherwise);
        }
    }
}
