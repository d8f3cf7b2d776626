namespace Cotyledon.Hosting.Cli.Client;

/// <summary>A reload or a restart that is running.</summary>
internal sealed record OperationRecord(
    long Id, string? Kind, string? Service, int? Worker, string? By, DateTimeOffset? RequestedAt, int Total, int Done);

/// <summary>The effect of a reload or a restart on one worker.</summary>
internal sealed record StepRecord(
    string? Service, int Worker, string? Kind, long? OldIncarnation, long? NewIncarnation, double DurationMs, string? Failure);

/// <summary>Progress of a reload or a restart.</summary>
internal sealed record StepProgressRecord(StepRecord? Step, int Done, int Total);

/// <summary>Progress of a change of the number of workers.</summary>
internal sealed record ReadyProgressRecord(int Ready, int Target);

/// <summary>The result of a reload or a restart.</summary>
internal sealed record ReloadRecord(
    string? Outcome,
    IReadOnlyList<string>? ChangedKeys,
    IReadOnlyList<ServiceReloadRecord>? Services,
    IReadOnlyList<string>? Errors,
    double DurationMs);

internal sealed record ServiceReloadRecord(string? Service, int Reloaded, int Replaced);

/// <summary>The result of a change of the number of workers.</summary>
internal sealed record ScaleRecord(string? Service, int From, int To, int Configured, double DurationMs);

internal sealed record KillRecord(bool Killed, int? Pid, long Incarnation);

/// <summary>Why a request has failed.</summary>
internal sealed record ErrorRecord(string? Code, string? Message);
