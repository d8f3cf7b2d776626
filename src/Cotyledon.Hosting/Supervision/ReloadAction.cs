namespace Cotyledon.Hosting.Supervision;

/// <summary>A reload or a restart, and the workers that it concerns.</summary>
internal abstract record ReloadAction
{
    private ReloadAction(OperationKind kind, string? service, int? workerId) => (Kind, Service, WorkerId) = (kind, service, workerId);

    public OperationKind Kind { get; }

    public string? Service { get; }

    public int? WorkerId { get; }

    /// <summary>All services reload, each as its options say.</summary>
    public sealed record ReloadServices() : ReloadAction(OperationKind.Reload, null, null);

    /// <summary>A rolling restart of one service.</summary>
    public sealed record RestartService(string Name) : ReloadAction(OperationKind.Restart, Name, null);

    /// <summary>The restart of one worker.</summary>
    public sealed record RestartWorker(string Name, int Id) : ReloadAction(OperationKind.Restart, Name, Id);

    /// <summary>One process reloads, as the options of its service say. Service and worker id are for the records only.</summary>
    public sealed record ReloadProcess(int Spawn, string? Name = null, int? Id = null) : ReloadAction(OperationKind.Reload, Name, Id);
}
