using System.Diagnostics;
using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Observability.TelemetryNames;

namespace Cotyledon.Hosting.Observability;

/// <summary>
/// The activities of the supervisor. Except for reloads, its work is spread over many messages, so an activity is created at its end, with
/// explicit start and end times.
/// </summary>
internal static class SupervisorTraces
{
    private static readonly ActivitySource Activities = new(Source);

    public static bool IsOn => Activities.HasListeners();

    /// <summary>Records the start of a worker. If it ends an outage, the start is part of a restart activity.</summary>
    public static void Started(WorkerIdentity worker, StartTimes start, DateTimeOffset now)
    {
        using var restart = start.Outage is { } outage ? BeginRestart(worker, start, outage, now) : null;
        using var activity = Begin("cotyledon.worker.start", now - start.Elapsed, restart);
        Describe(activity, worker, start)?.SetEndTime(now.UtcDateTime);
        restart?.SetEndTime(now.UtcDateTime);
    }

    public static void FailedToStart(WorkerExit exit, StartTimes start, DateTimeOffset now)
    {
        using var activity = Begin("cotyledon.worker.start", now - start.Elapsed);
        var worker = new WorkerIdentity(exit.Service, exit.WorkerId, exit.Incarnation, exit.ProcessId);
        Describe(activity, worker, start)?.SetTag(ErrorType, Of(exit.Reason)).SetTag(ExitCode, exit.ExitCode)
            .SetStatus(ActivityStatusCode.Error, LogText.EscapeOrNull(exit.Message)).SetEndTime(now.UtcDateTime);
    }

    public static void Stopped(DateTimeOffset begin, DateTimeOffset end, int exitCode, bool fast)
    {
        using var activity = Begin("cotyledon.stop", begin);
        activity?.SetTag(ExitCode, exitCode).SetEndTime(end.UtcDateTime);
        if (exitCode != 0)
        {
            activity?.SetStatus(ActivityStatusCode.Error, fast ? "The program was stopped at once; workers that still ran were killed." : null);
        }
    }

    /// <summary>Starts the activity of a reload. It is current during the call, so activities of hooks become its children.</summary>
    public static Activity? BeginReload(string name, ActivityContext wantedBy, DateTimeOffset wanted) =>
        Begin(name, wanted, wantedBy);

    /// <summary>
    /// Starts a restart activity. The process of a planned replacement starts before the outage begins, so the longer time is used.
    /// </summary>
    private static Activity? BeginRestart(WorkerIdentity worker, StartTimes start, WorkerOutage outage, DateTimeOffset now)
    {
        var duration = outage.Duration > start.Elapsed ? outage.Duration : start.Elapsed;
        return Begin("cotyledon.worker.restart", now - duration)?
            .SetTag(Service, worker.Service)
            .SetTag(WorkerId, worker.WorkerId)
            .SetTag(ExitReason, Of(outage.Reason))
            .SetTag(OutageSeconds, outage.Duration.TotalSeconds);
    }

    private static Activity? Begin(string name, DateTimeOffset begin, Activity? parent = null) =>
        Begin(name, begin, parent?.Context ?? default);

    /// <summary>Starts an activity. An unrelated <see cref="Activity.Current"/> is reset, so that it does not become the parent.</summary>
    private static Activity? Begin(string name, DateTimeOffset begin, ActivityContext parent)
    {
        if (!IsOn)
        {
            return null;
        }

        Activity.Current = null;
        return Activities.StartActivity(name, ActivityKind.Internal, parent, startTime: begin);
    }

    private static Activity? Describe(Activity? activity, WorkerIdentity worker, StartTimes start) => activity?
        .SetTag(Service, worker.Service)
        .SetTag(WorkerId, worker.WorkerId)
        .SetTag(Incarnation, worker.Incarnation)
        .SetTag(ProcessId, worker.ProcessId)
        .SetTag(StartOrigin, Telemetry.OriginOf(start));
}
