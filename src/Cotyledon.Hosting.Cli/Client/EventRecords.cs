namespace Cotyledon.Hosting.Cli.Client;

internal sealed record ExitRecord(
    DateTimeOffset? Time,
    string? Service,
    int Worker,
    long Incarnation,
    int? Pid,
    string? Reason,
    int? ExitCode,
    int? Signal,
    double UptimeMs,
    string? Message,
    IReadOnlyList<string>? Stderr,
    double? NextStartMs);

internal sealed record ExitsRecord(IReadOnlyList<ExitRecord>? Exits);

/// <summary>An event. A process that has no worker id yet has no worker.</summary>
internal sealed record EventRecord(
    long Number, DateTimeOffset? Time, string? Kind, string? Service, int? Worker, long Incarnation, int? Pid, ExitRecord? Exit);

/// <summary>Events that the program has not kept.</summary>
internal sealed record GapRecord(long From, long To);

/// <summary>A part of the answer to <c>events</c>: one of the two.</summary>
internal sealed record EventPartRecord(EventRecord? Event, GapRecord? Gap);
