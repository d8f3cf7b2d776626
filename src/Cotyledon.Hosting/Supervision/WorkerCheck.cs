namespace Cotyledon.Hosting.Supervision;

/// <summary>What is looked at again and again while a worker works.</summary>
internal enum WorkerCheckKind
{
    Liveness,
    Age,
    Memory,

    /// <summary>Not a look: its replacement, which it wanted too soon after its start.</summary>
    Replacement,
}

/// <summary>When a worker is looked at next, beside the deadline of what it is doing.</summary>
internal sealed class WorkerCheck(WorkerProcess process, WorkerCheckKind kind) : IHasDeadline
{
    public WorkerProcess Process { get; } = process;

    public WorkerCheckKind Kind { get; } = kind;

    public TimeSpan? Deadline { get; set; }
}
