namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// Spares: blank workers that wait for any slot, so that it is filled in the time of one message instead of a start. They hold slots
/// of a service of their own, which nobody sees.
/// </summary>
internal readonly ref partial struct Decide
{
    /// <summary>The next spare is not started beside the first steps of the service that was given this one: both would be late.</summary>
    private static readonly TimeSpan PauseAfterTaking = TimeSpan.FromMilliseconds(100);

    private bool IsSpare(WorkerProcess process) => process.Slot.Service == _state.Spares;

    /// <summary>
    /// Gives the slot a spare, best one that said hello: else one on its way, which will do so sooner than any that is started now.
    /// </summary>
    private WorkerProcess? TakeSpare(Slot slot)
    {
        if (_state.Spares.Target == 0 || !slot.Service.Settings.Start.Equals(StartSettings.Inherited))
        {
            return null;
        }

        var place = _state.Spares.Slots
            .Where(s => s is { IsInTarget: true, Process: { State: WorkerState.Starting, IsUnwanted: false } })
            .MaxBy(s => s.Process!.SaidHello);
        if (place?.Process is not { } spare)
        {
            return null;
        }

        place.Process = null;
        place.FailuresInRow = 0;
        _state.Alarms.Set(place, _now + PauseAfterTaking);
        spare.Slot = slot;
        spare.TakenAt = _now;
        spare.TakenDuring = _state.Operation;
        spare.Deadline = null;
        SetDeadline(spare, slot.Service.Settings.ReadyTimeout);
        return spare;
    }

    /// <summary>In the background: only when nobody else is on its way, and one after the other.</summary>
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

    private void ResizeSpares()
    {
        _state.Spares.Settings = _state.Spares.Settings with { ReadyTimeout = LongestReadyTimeout() };
        foreach (var slot in _state.Spares.Resize(_state.Settings.SpareWorkers))
        {
            _state.Touched.Enqueue(slot);
        }
    }

    private TimeSpan LongestReadyTimeout()
    {
        var timeouts = _state.Services.Select(s => s.Settings.ReadyTimeout).DefaultIfEmpty(_state.Spares.Settings.ReadyTimeout);
        return timeouts.Contains(Timeout.InfiniteTimeSpan) ? Timeout.InfiniteTimeSpan : timeouts.Max();
    }

    /// <summary>
    /// What a program has read while it was built does not change when its configuration is read again, nor does its build: after a
    /// reload spares are started anew.
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
