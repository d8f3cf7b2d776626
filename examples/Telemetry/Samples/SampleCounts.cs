namespace Telemetry.Samples;

/// <summary>The content of the database: the number of samples, and of aggregates (one for each meter and minute).</summary>
internal readonly record struct SampleCounts(long Samples, long Aggregates);
