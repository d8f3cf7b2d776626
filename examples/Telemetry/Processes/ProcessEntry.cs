namespace Telemetry.Processes;

/// <summary>One process. Process ids are reused, so a process is identified by its id and its start.</summary>
internal sealed record ProcessEntry(int Id, double Started, string Name, TimeSpan ProcessorTime, long Memory);
