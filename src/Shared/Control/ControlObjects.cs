namespace Cotyledon.Hosting.Shared;

// The JSON objects of the control protocol, which the page of the package Cotyledon.Hosting.AspNetCore uses as well. Times are texts in
// ISO 8601 (UTC, milliseconds), enumerations are texts with the C# name, durations are milliseconds. Fields are only ever added.
// Classes, because the equality members of records would enlarge each process of a program with Native AOT.

/// <summary>The state of the program.</summary>
internal sealed class OverviewObject : IControlObject
{
    public required string Phase { get; init; }

    public required string Health { get; init; }

    public string? Description { get; init; }

    public required string StartedAt { get; init; }

    public int SpareTarget { get; init; }

    public int SparesReady { get; init; }

    public int Processes { get; init; }

    public required IReadOnlyList<string> ConfigurationErrors { get; init; }

    /// <summary>The usage of the master.</summary>
    public UsageObject? Usage { get; init; }

    /// <summary>Left out if no service belongs to a cluster.</summary>
    public ClusterObject? Cluster { get; init; }

    public void Write(ControlFields to) => to
        .Add(Phase).Add(Health).Add(Description).Add(StartedAt).Add(SpareTarget).Add(SparesReady).Add(Processes)
        .Add(ConfigurationErrors).Add(Usage).Add(Cluster);
}

internal sealed class ClusterObject : IControlObject
{
    public required string Name { get; init; }

    public required string Store { get; init; }

    public string? Problem { get; init; }

    public string? ReadAt { get; init; }

    public string? LeaseEndsAt { get; init; }

    /// <summary>The other programs: <c>MACHINE (pid PID)</c>.</summary>
    public required IReadOnlyList<string> Others { get; init; }

    public void Write(ControlFields to) => to.Add(Name).Add(Store).Add(Problem).Add(ReadAt).Add(LeaseEndsAt).Add(Others);
}

internal sealed class ServiceObject : IControlObject
{
    public required string Name { get; init; }

    public int Target { get; init; }

    public int Configured { get; init; }

    public int Ready { get; init; }

    /// <summary>The number of workers in the whole cluster; left out if the service does not belong to one.</summary>
    public int? ClusterTarget { get; init; }

    public required IReadOnlyList<WorkerObject> Workers { get; init; }

    public void Write(ControlFields to) => to.Add(Name).Add(Target).Add(Configured).Add(Ready).Add(ClusterTarget).Add(Workers);
}

internal sealed class WorkerObject : IControlObject
{
    public int Id { get; init; }

    public required string State { get; init; }

    public int? Pid { get; init; }

    public long Incarnation { get; init; }

    public int Restarts { get; init; }

    public string? StartedAt { get; init; }

    public string? ReadySince { get; init; }

    public string? NextStartAt { get; init; }

    /// <summary>True, or left out.</summary>
    public bool? Outdated { get; init; }

    /// <summary>True, or left out.</summary>
    public bool? OtherBuild { get; init; }

    /// <summary>Another program that holds the worker id: <c>MACHINE (pid PID)</c>.</summary>
    public string? Holder { get; init; }

    public ExitObject? LastExit { get; init; }

    public UsageObject? Usage { get; init; }

    public void Write(ControlFields to) => to
        .Add(Id).Add(State).Add(Pid).Add(Incarnation).Add(Restarts).Add(StartedAt).Add(ReadySince).Add(NextStartAt)
        .Add(Outdated).Add(OtherBuild).Add(Holder).Add(LastExit).Add(Usage);
}

/// <summary>
/// The use of processor time (percent of one processor) and memory (bytes) of a process. Connections and requests are those of a worker that
/// serves a web application.
/// </summary>
internal sealed class UsageObject : IControlObject
{
    public double Cpu { get; init; }

    public long Memory { get; init; }

    public int? Connections { get; init; }

    public long? Requests { get; init; }

    public void Write(ControlFields to) => to.AddDecimal(Cpu).Add(Memory).Add(Connections).Add(Requests);
}

internal sealed class ExitObject : IControlObject
{
    public required string Time { get; init; }

    public required string Service { get; init; }

    public int Worker { get; init; }

    public long Incarnation { get; init; }

    public int? Pid { get; init; }

    public required string Reason { get; init; }

    public int? ExitCode { get; init; }

    public int? Signal { get; init; }

    public long UptimeMs { get; init; }

    public string? Message { get; init; }

    /// <summary>The last lines of the standard error; left out if there are none.</summary>
    public IReadOnlyList<string>? Stderr { get; init; }

    public long? NextStartMs { get; init; }

    public void Write(ControlFields to) => to
        .Add(Time).Add(Service).Add(Worker).Add(Incarnation).Add(Pid).Add(Reason).Add(ExitCode).Add(Signal).Add(UptimeMs)
        .Add(Message).Add(Stderr).Add(NextStartMs);
}

internal sealed class EventObject : IControlObject
{
    public long Number { get; init; }

    public required string Time { get; init; }

    public required string Kind { get; init; }

    public required string Service { get; init; }

    public int? Worker { get; init; }

    public long Incarnation { get; init; }

    public int? Pid { get; init; }

    public ExitObject? Exit { get; init; }

    public void Write(ControlFields to) => to.Add(Number).Add(Time).Add(Kind).Add(Service).Add(Worker).Add(Incarnation).Add(Pid).Add(Exit);
}

internal sealed class OperationObject : IControlObject
{
    public long Id { get; init; }

    public required string Kind { get; init; }

    public string? Service { get; init; }

    public int? Worker { get; init; }

    public required string By { get; init; }

    public required string RequestedAt { get; init; }

    public string? CompletedAt { get; init; }

    public int Total { get; init; }

    public int Done { get; init; }

    public required IReadOnlyList<StepObject> Steps { get; init; }

    public ReloadResultObject? Result { get; init; }

    public void Write(ControlFields to) => to
        .Add(Id).Add(Kind).Add(Service).Add(Worker).Add(By).Add(RequestedAt).Add(CompletedAt).Add(Total).Add(Done).Add(Steps)
        .Add(Result);
}

internal sealed class StepObject : IControlObject
{
    public required string Service { get; init; }

    public int Worker { get; init; }

    public required string Kind { get; init; }

    public long? OldIncarnation { get; init; }

    public long? NewIncarnation { get; init; }

    public long DurationMs { get; init; }

    public string? Failure { get; init; }

    public void Write(ControlFields to) => to
        .Add(Service).Add(Worker).Add(Kind).Add(OldIncarnation).Add(NewIncarnation).Add(DurationMs).Add(Failure);
}

internal sealed class ReloadResultObject : IControlObject
{
    public required string Outcome { get; init; }

    public required IReadOnlyList<string> ChangedKeys { get; init; }

    public required IReadOnlyList<ServiceReloadObject> Services { get; init; }

    public required IReadOnlyList<string> Errors { get; init; }

    public long DurationMs { get; init; }

    public void Write(ControlFields to) => to.Add(Outcome).Add(ChangedKeys).Add(Services).Add(Errors).Add(DurationMs);
}

internal sealed class ServiceReloadObject : IControlObject
{
    public required string Service { get; init; }

    public int Reloaded { get; init; }

    public int Replaced { get; init; }

    public required IReadOnlyList<string> Failures { get; init; }

    public void Write(ControlFields to) => to.Add(Service).Add(Reloaded).Add(Replaced).Add(Failures);
}

internal sealed class QueueObject : IControlObject
{
    public required string Name { get; init; }

    public required string Store { get; init; }

    public long Waiting { get; init; }

    public long Taken { get; init; }

    public long Completed { get; init; }

    public long Redelivered { get; init; }

    public long Dead { get; init; }

    /// <summary>Why the numbers are missing; left out if they are known.</summary>
    public string? Error { get; init; }

    public void Write(ControlFields to) => to
        .Add(Name).Add(Store).Add(Waiting).Add(Taken).Add(Completed).Add(Redelivered).Add(Dead).Add(Error);
}

/// <summary>A dead item. Its body is in <see cref="Text"/> if it is text, otherwise in <see cref="Base64"/>.</summary>
internal sealed class DeadItemObject : IControlObject
{
    public long Id { get; init; }

    public int Attempts { get; init; }

    public string? Text { get; init; }

    public string? Base64 { get; init; }

    /// <summary>The size of the whole body; text and base64 have its beginning only.</summary>
    public long Bytes { get; init; }

    public void Write(ControlFields to) => to.Add(Id).Add(Attempts).Add(Text).Add(Base64).Add(Bytes);
}
