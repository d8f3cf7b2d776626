using System.Globalization;
using System.Text.Unicode;
using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Shared;

/// <summary>Converts the records of the public API into the objects of the control protocol.</summary>
internal static class ControlMapping
{
    /// <summary>The number of bytes of the body of a dead item that are shown.</summary>
    public const int MaxBody = 4096;

    public static OverviewObject ToObject(this CotyledonOverview overview, UsageObject? usage = null) => new()
    {
        Phase = overview.Phase.ToString(),
        Health = overview.Health.ToString(),
        Description = overview.HealthDescription,
        StartedAt = ToText(overview.StartedAt),
        SpareTarget = overview.SpareTarget,
        SparesReady = overview.SparesReady,
        Processes = overview.ProcessCount,
        ConfigurationErrors = overview.ConfigurationErrors,
        Usage = usage,
        Cluster = overview.Cluster?.ToObject(),
    };

    public static ClusterObject ToObject(this ClusterOverview cluster) => new()
    {
        Name = cluster.Name,
        Store = cluster.Store,
        Problem = cluster.Problem,
        ReadAt = ToText(cluster.ReadAt),
        LeaseEndsAt = ToText(cluster.LeaseEndsAt),
        Others = [.. cluster.Programs.Where(p => !p.IsThis).Select(ToText)],
    };

    /// <summary>Converts a service.</summary>
    /// <param name="service">The service.</param>
    /// <param name="usage">The usage of processes, by process id.</param>
    public static ServiceObject ToObject(this ServiceStatus service, IReadOnlyDictionary<int, UsageObject>? usage = null) => new()
    {
        Name = service.Name,
        Target = service.Target,
        Configured = service.ConfiguredTarget,
        Ready = service.Ready,
        ClusterTarget = service.ClusterTarget,
        Workers = [.. service.Workers.Select(w => ToObject(w, w.ProcessId is { } pid ? usage?.GetValueOrDefault(pid) : null))],
    };

    public static WorkerObject ToObject(this WorkerStatus worker, UsageObject? usage = null) => new()
    {
        Id = worker.WorkerId,
        State = worker.State.ToString(),
        Pid = worker.ProcessId,
        Incarnation = worker.Incarnation,
        Restarts = worker.Restarts,
        StartedAt = ToText(worker.StartedAt),
        ReadySince = ToText(worker.ReadySince),
        NextStartAt = ToText(worker.NextStartAt),
        Outdated = worker.IsOutdated ? true : null,
        OtherBuild = worker.IsOtherBuild ? true : null,
        Holder = worker.Holder is { IsThis: false } holder ? ToText(holder) : null,
        LastExit = worker.LastExit?.ToObject(),
        Usage = usage,
    };

    private static string ToText(ClusterProgram program) => string.Create(CultureInfo.InvariantCulture, $"{program.Machine} (pid {program.ProcessId})");

    public static UsageObject ToObject(this WorkerUsage usage) => new()
    {
        Cpu = Math.Round(usage.CpuPercent ?? 0, 1),
        Memory = usage.MemoryBytes,
        Connections = usage.Connections,
        Requests = usage.Requests,
    };

    public static ExitObject ToObject(this WorkerExit exit) => new()
    {
        Time = ToText(exit.ExitedAt),
        Service = exit.Service,
        Worker = exit.WorkerId,
        Incarnation = exit.Incarnation,
        Pid = exit.ProcessId,
        Reason = exit.Reason.ToString(),
        ExitCode = exit.ExitCode,
        Signal = exit.Signal,
        UptimeMs = ToMilliseconds(exit.Uptime),
        Message = exit.Message,
        Stderr = exit.StandardErrorTail.Count > 0 ? exit.StandardErrorTail : null,
        NextStartMs = exit.NextStart is { } delay ? ToMilliseconds(delay) : null,
    };

    public static EventObject ToObject(this WorkerEvent what) => new()
    {
        Number = what.Number,
        Time = ToText(what.Time),
        Kind = what.Kind.ToString(),
        Service = what.Service,
        Worker = what.WorkerId,
        Incarnation = what.Incarnation,
        Pid = what.ProcessId,
        Exit = what.Exit?.ToObject(),
    };

    public static OperationObject ToObject(this OperationStatus operation) => new()
    {
        Id = operation.Id,
        Kind = operation.Kind.ToString(),
        Service = operation.Service,
        Worker = operation.WorkerId,
        By = string.Join(", ", operation.RequestedBy),
        RequestedAt = ToText(operation.RequestedAt),
        CompletedAt = ToText(operation.CompletedAt),
        Total = operation.Total,
        Done = operation.Done,
        Steps = [.. operation.Steps.Select(ToObject)],
        Result = operation.Result?.ToObject(),
    };

    public static StepObject ToObject(this OperationStep step) => new()
    {
        Service = step.Service,
        Worker = step.WorkerId,
        Kind = step.Kind.ToString(),
        OldIncarnation = step.OldIncarnation,
        NewIncarnation = step.NewIncarnation,
        DurationMs = ToMilliseconds(step.Duration),
        Failure = step.Failure,
    };

    public static ReloadResultObject ToObject(this ReloadResult result) => new()
    {
        Outcome = result.Outcome.ToString(),
        ChangedKeys = result.ChangedKeys,
        Services = [.. result.Services.Select(ToObject)],
        Errors = result.Errors,
        DurationMs = ToMilliseconds(result.Duration),
    };

    public static ServiceReloadObject ToObject(this ServiceReload service) => new()
    {
        Service = service.Service,
        Reloaded = service.Reloaded,
        Replaced = service.Replaced,
        Failures = service.Failures,
    };

    public static QueueObject ToObject(this IQueueAdministration queue, QueueDepth depth) => new()
    {
        Name = queue.Name,
        Store = queue.Store,
        Waiting = depth.Waiting,
        Taken = depth.Taken,
        Completed = depth.Completed,
        Redelivered = depth.Redelivered,
        Dead = depth.Dead,
    };

    public static DeadItemObject ToObject(this DeadQueueItem item)
    {
        var shown = item.Body.Span[..Math.Min(item.Body.Length, MaxBody)];
        var text = shown[..TextLength(shown)];
        var isText = text.Length > 0 || shown.IsEmpty;
        return new DeadItemObject
        {
            Id = item.Id,
            Attempts = item.Attempts,
            Text = isText ? System.Text.Encoding.UTF8.GetString(text) : null,
            Base64 = isText ? null : Convert.ToBase64String(shown),
            Bytes = item.Body.Length,
        };
    }

    public static string ToText(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string? ToText(DateTimeOffset? time) => time is { } known ? ToText(known) : null;

    private static long ToMilliseconds(TimeSpan duration) => (long)Math.Round(duration.TotalMilliseconds);

    /// <summary>
    /// Returns the number of bytes that are text, or 0 if the bytes are not text. The last character may have been cut.
    /// </summary>
    private static int TextLength(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return bytes.Length;
        }

        for (var cut = 1; bytes.Length == MaxBody && cut <= 3; cut++)
        {
            if (Utf8.IsValid(bytes[..^cut]))
            {
                return bytes.Length - cut;
            }
        }

        return 0;
    }
}
