using System.Globalization;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cotyledon.Hosting.Health;

/// <summary>Evaluates the health of the program.</summary>
internal static class HealthEvaluator
{
    private const int MaxNamed = 3;

    /// <summary>Evaluates readiness or liveness.</summary>
    public static HealthCheckResult Evaluate(HealthSnapshot snapshot, bool isReadiness)
    {
        var findings = FindingsOf(snapshot, isReadiness).ToList();
        var status = findings.Select(f => f.Status).Append(HealthStatus.Healthy).Min();
        var description = findings.Count == 0
            ? "All workers are ready."
            : LogText.Escape(string.Join("; ", findings.OrderBy(f => f.Status).Select(f => f.Text)).ReplaceLineEndings(" "));
        return new HealthCheckResult(status, description, data: HealthData.Of(snapshot));
    }

    private static IEnumerable<Finding> FindingsOf(HealthSnapshot snapshot, bool isReadiness)
    {
        var notReady = isReadiness ? HealthStatus.Unhealthy : HealthStatus.Degraded;
        if (snapshot.Phase == SupervisorPhase.NotStarted)
        {
            return [new(notReady, "the supervisor has not started yet")];
        }

        if (snapshot.Phase != SupervisorPhase.Running)
        {
            // Missing workers are expected while the program stops, so no other findings are reported.
            return [new(notReady, "the program is stopping")];
        }

        return FindingsWhileRunning(snapshot, notReady);
    }

    private static IEnumerable<Finding> FindingsWhileRunning(HealthSnapshot snapshot, HealthStatus notReady)
    {
        if (!snapshot.WasReady)
        {
            yield return new(notReady, "not all services have been ready yet");
        }

        if (!snapshot.IsClusterReached)
        {
            yield return new(notReady, "the cluster store has not been reached yet");
        }

        if (snapshot.IsLeaseLost)
        {
            yield return new(notReady, "the lease of the cluster has ended, so its workers do not run here");
        }

        foreach (var service in snapshot.Services.Where(s => s.Missing.Count > 0))
        {
            yield return Of(service);
        }

        if (snapshot.ConfigurationErrors.Count > 0)
        {
            yield return new(
                HealthStatus.Degraded, $"configuration rejected, the last valid one is in use: {First(snapshot.ConfigurationErrors)}");
        }

        foreach (var issue in snapshot.HealthIssues)
        {
            yield return new(HealthStatus.Degraded, $"{issue.Subject}: {issue.Problem}");
        }
    }

    private static Finding Of(ServiceHealth service)
    {
        var isHopeless = service.Missing.Any(IsHopeless);
        var named = service.Missing.OrderByDescending(IsHopeless).Take(MaxNamed).Select(Describe);
        var more = service.Missing.Count > MaxNamed ? $", {service.Missing.Count - MaxNamed} more" : "";
        return new Finding(
            isHopeless ? HealthStatus.Unhealthy : HealthStatus.Degraded,
            $"{service.Name}: {service.Ready}/{service.Target} ready, {string.Join(", ", named)}{more}");
    }

    private static bool IsHopeless(MissingWorker worker) => worker.IsGivenUp || worker.CannotStart;

    private static string Describe(MissingWorker worker)
    {
        var what = worker switch
        {
            { IsGivenUp: true } => "was given up",
            { CannotStart: true } => string.Create(CultureInfo.InvariantCulture, $"failed to start {worker.FailedStarts} times"),
            { IsStuck: true } => "has not exited after SIGKILL",
            { State: WorkerState.BackingOff } => "waits for its restart",
            { State: WorkerState.Stopping or WorkerState.Killed } => "is stopping",
            _ => "is starting",
        };
        return $"worker {worker.WorkerId} {what}" + (worker.LastExit is { } exit ? $" ({HealthData.Describe(exit)})" : "");
    }

    private static string First(IReadOnlyList<string> errors) =>
        errors[0] + (errors.Count > 1 ? $" (and {errors.Count - 1} more)" : "");

    private sealed record Finding(HealthStatus Status, string Text);
}
