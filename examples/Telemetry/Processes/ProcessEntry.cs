namespace Telemetry.Processes;

/// <summary>One process. Ids are used again: only together with the start they name a process.</summary>
internal sealed record ProcessEntry(int Id, double Started, string Name, TimeSpan ProcessorTime, long Memory);
