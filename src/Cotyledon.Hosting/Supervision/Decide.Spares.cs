namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// Spare workers: processes without a worker id that wait for any slot. Filling a slot then takes one message instead of a process start.
/// Spares hold the slots of an internal service, which is not part of the status.
/// </summary>
internal readonly ref partial struct Decide
{
    /// <summary>The delay before the next spare is started, so that it does not slow down the service that has taken one.</summary>
    private static readonly TimeSpan PauseAfterTaking = TimeSpan.FromMilliseconds(100);

    private bool IsSpare(ProcessState process) => process.Slot.Service == _state.Spares;

    /// <summary>
    /// Takes a spare for the slot, preferably one that has sent its hello; otherwise one that is starting, which is still faster than a new
    /// process.
    /// </summary>
    private ProcessState? TakeSpare(Slot slot)
    {
        if (_state.Spares.Target == 0 || !slot.Service.Settings.Start.Equals(StartSettings.Inherited))
        {
            return null;
        }

        var place = _state.Spares.Slots
            .Where(s => s is { IsInTarget: true, Process: { State: WorkerState.Starting, Departure.IsRequested: false } })
            .MaxBy(s => s.Process!.SaidHello);
        if (place?.Process is not { } spare)
        {
            return null;
        }

        place.Process = null;
        place.Failures.InRow = 0;
        _state.Deadlines.Set(place, _now + PauseAfterTaking);
        spare.Slot = slot;
        spare.TakenAt = _now;
        spare.TakenDuring = _state.Operation;
        spare.Deadline = null;
        SetDeadline(spare, slot.Service.Settings.ReadyTimeout);
        return spare;
    }

    /// <summary>Starts missing spares one at a time, and only while no other process is starting.</summary>
    private void FillSpares()
    {
        if (!_state.LacksSpares || _state.Phase != SupervisorPhase.Running || _state.Starting > 0 || _state.StartQueue.Count > 0)
        {
            return;
        }

        var empty = _state.Spares.Slots.FirstOrDefault(s => s is { IsInTarget: true, Process: null, Deadline: null });
        _state.LacksSpares = empty is not null;
        if (empty is not null)
        {
            empty.Process = StartProcess(empty);
        }
    }

    private void ScaleSpares()
    {
        if (_state.Services.Count > 0)
        {
            _state.Spares.Settings = _state.Spares.Settings with { ReadyTimeout = Longest(s => s.ReadyTimeout) ?? Timeout.InfiniteTimeSpan };
        }

        foreach (var slot in _state.Spares.Scale(_state.Settings.SpareWorkers))
        {
            _state.ToReconcile.Enqueue(slot);
        }
    }

    /// <summary>
    /// Replaces all spares at a reload. A running process keeps the values that <c>Program.cs</c> has read while it built the host, and its
    /// build of the program.
    /// </summary>
    private void RenewSpares()
    {
        foreach (var slot in _state.Spares.Slots)
        {
            if (slot.Process is { } spare)
            {
                Stop(spare, WorkerExitReason.Replaced);
            }
        }
    }
}
