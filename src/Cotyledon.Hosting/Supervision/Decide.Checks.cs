using static Cotyledon.Hosting.Supervision.SupervisorCommand;

namespace Cotyledon.Hosting.Supervision;

/// <summary>The checks of a working worker: liveness, age and memory.</summary>
internal readonly ref partial struct Decide
{
    /// <summary>The number of liveness checks within a liveness timeout. Workers report more often, in case a timer is late.</summary>
    private const int LivenessChecksPerTimeout = 4;

    /// <summary>Limits are reduced by up to this fraction, so that workers that started together are not replaced together.</summary>
    private const double LimitJitter = 0.1;

    private const double BytesPerMebibyte = 1024 * 1024;

    private void BeginChecks(ProcessState process)
    {
        var settings = process.Slot.Service.Settings;
        process.Checks.SinceAlive = 0;
        SetCheck(process.Checks.Liveness, settings.LivenessTimeout > TimeSpan.Zero ? _now + LivenessCheckInterval(settings) : null);
        SetCheck(process.Checks.Age, process.ReadyAt + (settings.MaxAge * Reduction(process)));
        SetCheck(process.Checks.Memory, settings.MaxMemory is null ? null : _now + _state.Settings.MemoryCheckInterval);
    }

    private static void EndChecks(ProcessState process) =>
        process.Checks.Liveness.Deadline = process.Checks.Age.Deadline = process.Checks.Memory.Deadline = process.Checks.Replacement.Deadline = null;

    private void SetCheck(WorkerCheck check, TimeSpan? deadline)
    {
        check.Deadline = null;
        if (deadline is { } time)
        {
            _state.Deadlines.Set(check, time);
        }
    }

    private static TimeSpan LivenessCheckInterval(ServiceSettings settings) => settings.LivenessTimeout / LivenessChecksPerTimeout;

    private double Reduction(ProcessState process) => 1 - (LimitJitter * Jitter.Sample(_state.Seed, process.Spawn));

    private void OnCheckDue(WorkerCheck check)
    {
        var process = check.Process;
        if (!process.Works && (check.Kind != WorkerCheckKind.Replacement || process.IsLeaving))
        {
            return;
        }

        var settings = process.Slot.Service.Settings;
        switch (check.Kind)
        {
            case WorkerCheckKind.Liveness when settings.LivenessTimeout > TimeSpan.Zero:
                CheckLiveness(process);
                break;
            case WorkerCheckKind.Age:
                Recycle(process, check, WorkerExitReason.MaxAge, $"MaxAge is {settings.MaxAge}.");
                break;
            case WorkerCheckKind.Replacement:
                EnqueueReplacement(process.Slot, process.Checks.ReplacementCause.Reason, process.Checks.ReplacementCause.Detail);
                break;
            case WorkerCheckKind.Memory when settings.MaxMemory is { } limit:
                _commands.Add(new MeasureMemory(process.Spawn, ReducedLimit(process, limit)));
                SetCheck(check, _now + _state.Settings.MemoryCheckInterval);
                break;
        }
    }

    /// <summary>
    /// Counts checks instead of time. There are no checks while the master itself is paused, frozen or suspended, and an overdue check
    /// counts once, so such a pause of the master never trips the liveness timeout of a worker.
    /// </summary>
    private void CheckLiveness(ProcessState process)
    {
        var settings = process.Slot.Service.Settings;
        if (++process.Checks.SinceAlive <= LivenessChecksPerTimeout)
        {
            SetCheck(process.Checks.Liveness, _now + LivenessCheckInterval(settings));
            return;
        }

        // Departure.IsRequested stays false: a missed liveness deadline counts as a crash.
        process.Departure.Reason = WorkerExitReason.LivenessTimeout;
        _commands.Add(new InspectWorker(process.Spawn));
        _commands.Add(new StopWorker(process.Spawn));
        BeginLeaving(process, $"missed its liveness deadline of {settings.LivenessTimeout} and is being stopped.", StopTimeoutOfHung(settings));
    }

    /// <summary>
    /// The stop timeout of a worker that missed its liveness deadline: its graceful timeout, but at most its liveness timeout.
    /// </summary>
    private static TimeSpan StopTimeoutOfHung(ServiceSettings settings) =>
        settings.GracefulTimeout > TimeSpan.Zero && settings.GracefulTimeout < settings.LivenessTimeout
            ? settings.GracefulTimeout
            : settings.LivenessTimeout;

    private void OnMemoryMeasured(ProcessState process, long bytes)
    {
        if (process.Slot.Service.Settings.MaxMemory is { } limit && bytes >= ReducedLimit(process, limit))
        {
            Recycle(process, process.Checks.Memory, WorkerExitReason.MaxMemory, FormattableString.Invariant(
                $"It uses {bytes / BytesPerMebibyte:0} MiB; MaxMemory is {limit / BytesPerMebibyte:0} MiB."));
        }
    }

    private long ReducedLimit(ProcessState process, long limit) => (long)(limit * Reduction(process));

    /// <summary>Requests a planned replacement, and repeats the check later, in case the planned replacements are aborted.</summary>
    private void Recycle(ProcessState process, WorkerCheck check, WorkerExitReason reason, string detail)
    {
        ReplaceOrDelay(process, reason, detail);
        SetCheck(check, _now + process.Slot.Service.Settings.Backoff.Max);
    }
}
