using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// Planned replacements. The successor is started while the old worker still works. The old worker is stopped when the successor has sent
/// its hello and <see cref="ServiceState.CanStopOne"/> allows it, or at once if it does not work. So the slot is not without a worker while
/// the new process starts.
/// </summary>
internal readonly ref partial struct Decide
{
    /// <summary>
    /// Replaces a worker that has requested it or has reached a limit: immediately if the worker was stable, otherwise with the back-off of
    /// restarts. Without the back-off, a worker that exceeds its memory limit from the start would be replaced all the time.
    /// </summary>
    private void ReplaceOrDelay(ProcessState process, WorkerExitReason reason, string? detail)
    {
        var (slot, settings) = (process.Slot, process.Slot.Service.Settings);
        if (slot.Replacement.IsWanted || process.Checks.Replacement.Deadline is not null)
        {
            return;
        }

        var uptime = _now - (process.ReadyAt ?? process.StartedAt);
        if (process.ReadyAt is not null && uptime >= settings.StableAfter)
        {
            slot.Failures.EarlyReplacements = 0;
            EnqueueReplacement(slot, reason, detail);
            return;
        }

        process.IsReplacedEarly = true;
        var delay = settings.Backoff.DelayAfter(++slot.Failures.EarlyReplacements, Jitter.Sample(_state.Seed, process.Spawn));
        if (delay <= TimeSpan.Zero)
        {
            EnqueueReplacement(slot, reason, detail);
            return;
        }

        process.Checks.ReplacementCause = (reason, detail);
        SetCheck(process.Checks.Replacement, _now + delay);
        var cause = reason == WorkerExitReason.MaxMemory
            ? "reached MaxMemory again"
            : reason == WorkerExitReason.MaxAge ? "reached MaxAge again" : "requested a restart again";
        _commands.Add(new RecordDelayedReplacement(process.Identity, FormattableString.Invariant(
            $"{cause} after {uptime.TotalSeconds:0.0} s, which is less than StableAfter; it is replaced in {delay.TotalSeconds:0.0} s.")));
    }

    private static void EnqueueReplacement(
        Slot slot, WorkerExitReason reason = WorkerExitReason.Replaced, string? detail = null)
    {
        if (!slot.Replacement.IsWanted)
        {
            slot.Replacement.IsWanted = true;
            slot.Replacement.Reason = reason;
            slot.Replacement.Detail = detail;
            slot.Service.Replacements.Enqueue(slot);
        }
    }

    private void AdvanceReplacements(ServiceState service)
    {
        if (_state.Phase != SupervisorPhase.Running)
        {
            return;
        }

        do
        {
            StartSuccessors(service);
        }
        while (AdvanceSuccessors(service));
    }

    /// <returns>Whether further successors can be started.</returns>
    private bool AdvanceSuccessors(ServiceState service)
    {
        var before = service.ReplacementsInProgress.Count;
        for (var i = before - 1; i >= 0; i--)
        {
            var slot = service.ReplacementsInProgress[i];
            if (slot is not { Successor: { Departure.IsRequested: false } successor, Process: { IsLeaving: false } process })
            {
                // It has taken the slot, or is no longer needed.
                service.ReplacementsInProgress.RemoveAt(i);
            }
            else if (successor is { SaidHello: true, State: WorkerState.Starting } && (!process.Works || service.CanStopOne))
            {
                service.ReplacementsInProgress.RemoveAt(i);
                successor.Deadline = null;
                process.Departure.Detail = slot.Replacement.Detail;
                slot.Operation?.Exclude(slot, WaitsSince(successor), _now);
                Stop(process, slot.Replacement.Reason);
            }
        }

        return service.ReplacementsInProgress.Count < before;
    }

    /// <summary>The time of its hello, or the time at which it was taken from the spares.</summary>
    private static TimeSpan WaitsSince(ProcessState successor)
    {
        var hello = successor.HelloAt!.Value;
        return successor.TakenAt is { } taken && taken > hello ? taken : hello;
    }

    private void StartSuccessors(ServiceState service)
    {
        while (service.ReplacementsInProgress.Count < service.Settings.MaxUnavailable && service.Replacements.TryPeek(out var slot))
        {
            if (slot is { Replacement.IsWanted: true, Successor: { IsStuck: true } stuck })
            {
                slot.Replacement.IsWanted = false;
                FailReplacement(slot, CauseOf(stuck));
                service.Replacements.Dequeue();
                continue;
            }

            if (slot is { Replacement.IsWanted: true, Successor.Departure.IsRequested: true })
            {
                // The previous successor has not exited yet. Its exit triggers the next attempt.
                return;
            }

            if (slot is { Replacement.IsWanted: true, IsInTarget: true, Successor: null, Process.IsLeaving: false })
            {
                slot.Successor = TakeSpare(slot);
                if (slot.Successor is null && _state.Starting >= _state.Settings.MaxConcurrentStarts)
                {
                    return;
                }

                slot.Successor ??= StartProcess(slot);
                slot.Operation?.Begin(slot, _now);
                service.ReplacementsInProgress.Add(slot);
            }

            service.Replacements.Dequeue();
        }
    }

    /// <summary>Gives the empty slot to the successor, and assigns it immediately if it has sent its hello.</summary>
    private void Promote(Slot slot, ProcessState successor)
    {
        slot.Successor = null;
        slot.Process = successor;
        slot.Deadline = null;
        slot.Replacement.IsWanted = false;
        successor.IsReplacement = true;
        if (successor.SaidHello)
        {
            SetDeadline(successor, slot.Service.Settings.ReadyTimeout);
            Assign(successor);
        }
    }

    private void OnSuccessorExited(ProcessState successor, WorkerExited exited)
    {
        var slot = successor.Slot;
        slot.Successor = null;
        var exit = Record(successor, ReasonOf(successor, exited.Status), exited, nextStart: null);
        if (successor.Departure.IsRequested)
        {
            slot.Replacement.IsWanted &= slot.Process is { IsLeaving: false };
        }
        else
        {
            AbortReplacements(slot, $"the new process for worker {slot.WorkerId} exited before it replaced the old one: {exit.Reason}"
                + (exit.ExitCode is { } code ? $", exit code {code}" : "")
                + (exit.Signal is { } signal ? $", signal {signal}" : "")
                + (exit.Message is { Length: > 0 } message ? $", {message}" : ""));
        }
    }

    /// <summary>
    /// Aborts all planned replacements of a service, because the next ones would probably fail too. Workers stay, and those that reload in
    /// place continue.
    /// </summary>
    private void AbortReplacements(Slot failed, string cause)
    {
        var service = failed.Service;
        FailReplacement(failed, cause);
        var given = service.Replacements.Concat(service.ReplacementsInProgress).Append(failed)
            .Where(s => s.Replacement.IsWanted && (s == failed || !IsChanging(s)))
            .Distinct()
            .ToList();
        service.Replacements.Clear();
        service.ReplacementsInProgress.Clear();
        foreach (var slot in given)
        {
            slot.Replacement.IsWanted = false;
            if (slot.Successor is { } successor && slot.Process is { IsLeaving: false })
            {
                Stop(successor, WorkerExitReason.Stopped);
            }

            var effect = slot.Process is { IsLeaving: false } ? "is not replaced" : "is restarted later";
            FailReplacement(slot, $"worker {slot.WorkerId} {effect}, because the replacement of worker {failed.WorkerId} has failed");
        }

        _commands.Add(new RecordAbortedReplacements(service.Name, given.Count, cause));
    }

    /// <summary>Whether the old worker of a slot is stopping, so that the successor takes the slot in any case.</summary>
    private static bool IsChanging(Slot slot) => slot is { Process: { IsLeaving: true, IsStuck: false }, EligibleSuccessor: not null };

    /// <summary>Records the failure of a slot, unless its worker can still reload in place, which is enough for a reload.</summary>
    private void FailReplacement(Slot slot, string failure)
    {
        if (slot.Operation is { IsRestart: true } || slot.Process is not ({ IsLeaving: false, Reload.IsRunning: true } or { IsLeaving: false, Reload.IsNeeded: true }))
        {
            Settle(slot, OperationStepKind.Failed, failure);
        }
    }
}
