namespace Telemetry.Samples;

/// <summary>What the database holds: samples, and the aggregates (one for each meter and minute) that they went into.</summary>
internal readonly record struct SampleCounts(long Samples, long Aggregates);
