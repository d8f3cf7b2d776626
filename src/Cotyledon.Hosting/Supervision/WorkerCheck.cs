namespace Cotyledon.Hosting.Supervision;

/// <summary>The kinds of checks of a working worker.</summary>
internal enum WorkerCheckKind
{
    Liveness,
    Age,
    Memory,

    /// <summary>Not a check, but a planned replacement that was delayed because it was requested too soon after the start.</summary>
    Replacement,
}

/// <summary>A check of a worker, or a delayed replacement. Its deadline is independent of the deadline of <see cref="ProcessState"/>.</summary>
internal sealed class WorkerCheck(ProcessState process, WorkerCheckKind kind) : IHasDeadline
{
    public ProcessState Process { get; } = process;

    public WorkerCheckKind Kind { get; } = kind;

    public TimeSpan? Deadline { get; set; }
}
