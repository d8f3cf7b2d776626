using static Cotyledon.Hosting.Supervision.SupervisorCommand;

namespace Cotyledon.Hosting.Supervision;

/// <summary>What is looked at while a worker works: whether it is alive, how old it is, how much memory it uses.</summary>
internal readonly ref partial struct Decide
{
    /// <summary>A worker that is alive says so this often within its timeout, and this often it is looked whether it did.</summary>
    private const int LooksPerLivenessTimeout = 4;

    /// <summary>Limits are reached up to this much earlier, so that workers that started together are not replaced together.</summary>
    private const double LimitJitter = 0.1;

    private const double BytesPerMebibyte = 1024 * 1024;

    private void BeginChecks(WorkerProcess process)
    {
        var settings = process.Slot.Service.Settings;
        process.LooksSinceAlive = 0;
        SetCheck(process.Liveness, settings.LivenessTimeout > TimeSpan.Zero ? _now + LookInterval(settings) : null);
        SetCheck(process.Age, process.ReadyAt + (settings.MaxAge * Reduction(process)));
        SetCheck(process.Memory, settings.MaxMemory is null ? null : _now + _state.Settings.MemoryCheckInterval);
    }

    private static void EndChecks(WorkerProcess process) =>
        process.Liveness.Deadline = process.Age.Deadline = process.Memory.Deadline = process.Replacement.Deadline = null;

    private void SetCheck(WorkerCheck check, TimeSpan? deadline)
    {
        check.Deadline = null;
        if (deadline is { } time)
        {
            _state.Alarms.Set(check, time);
        }
    }

    private static TimeSpan LookInterval(ServiceSettings settings) => settings.LivenessTimeout / LooksPerLivenessTimeout;

    private double Reduction(WorkerProcess process) => 1 - (LimitJitter * Jitter.Sample(_state.Seed, process.Spawn));

    private void OnCheckDue(WorkerCheck check)
    {
        var process = check.Process;
        if (!process.Works && (check.Kind != WorkerCheckKind.Replacement || process.IsOnItsWayOut))
        {
            return;
        }

        var settings = process.Slot.Service.Settings;
        switch (check.Kind)
        {
            case WorkerCheckKind.Liveness when settings.LivenessTimeout > TimeSpan.Zero:
                LookWhetherAlive(process);
                break;
            case WorkerCheckKind.Age:
                Recycle(process, check, WorkerExitReason.MaxAge, $"MaxAge is {settings.MaxAge}.");
                break;
            case WorkerCheckKind.Replacement:
                EnqueueReplacement(process.Slot, process.ReplacementCause.Reason, process.ReplacementCause.Detail);
                break;
            case WorkerCheckKind.Memory when settings.MaxMemory is { } limit:
                _commands.Add(new MeasureMemory(process.Spawn, ReducedLimit(process, limit)));
                SetCheck(check, _now + _state.Settings.MemoryCheckInterval);
                break;
        }
    }

    /// <summary>
    /// Counts looks, not time: while the master itself was stopped, frozen or suspended there were none, so that a worker is never
    /// blamed for that. A look that is overdue counts once.
    /// </summary>
    private void LookWhetherAlive(WorkerProcess process)
    {
        var settings = process.Slot.Service.Settings;
        if (++process.LooksSinceAlive <= LooksPerLivenessTimeout)
        {
            SetCheck(process.Liveness, _now + LookInterval(settings));
            return;
        }

        // Not unwanted: that it hangs is a failure, and counts as a crash does.
        process.Leaving = WorkerExitReason.LivenessTimeout;
        _commands.Add(new InspectWorker(process.Spawn));
        _commands.Add(new StopWorker(process.Spawn));
        BeginLeaving(process, $"missed its liveness deadline of {settings.LivenessTimeout}; stopping it.", StopTimeoutOfHung(settings));
    }

    /// <summary>A worker that hangs gets as long again to stop, where its graceful timeout is not shorter.</summary>
    private static TimeSpan StopTimeoutOfHung(ServiceSettings settings) =>
        settings.GracefulTimeout > TimeSpan.Zero && settings.GracefulTimeout < settings.LivenessTimeout
            ? settings.GracefulTimeout
            : settings.LivenessTimeout;

    private void OnMemoryMeasured(WorkerProcess process, long bytes)
    {
        if (process.Slot.Service.Settings.MaxMemory is { } limit && bytes >= ReducedLimit(process, limit))
        {
            Recycle(process, process.Memory, WorkerExitReason.MaxMemory, FormattableString.Invariant(
                $"It uses {bytes / BytesPerMebibyte:0} MiB; MaxMemory is {limit / BytesPerMebibyte:0} MiB."));
        }
    }

    private long ReducedLimit(WorkerProcess process, long limit) => (long)(limit * Reduction(process));

    /// <summary>Has a worker replaced as planned replacements are; where those are given up, asks again after some time.</summary>
    private void Recycle(WorkerProcess process, WorkerCheck check, WorkerExitReason reason, string detail)
    {
        ReplaceSometime(process, reason, detail);
        SetCheck(check, _now + process.Slot.Service.Settings.Backoff.Max);
    }
}
