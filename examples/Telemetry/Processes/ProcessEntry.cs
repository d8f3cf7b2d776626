namespace Telemetry.Processes;

/// <summary>One process. Ids are reused: only id and start time together identify a process.</summary>
internal sealed record ProcessEntry(int Id, double Started, string Name, TimeSpan ProcessorTime, long Memory);
