namespace Telemetry.Samples;

/// <summary>The contents of the database: the number of samples, and of their aggregates (one for each meter and minute).</summary>
internal readonly record struct SampleCounts(long Samples, long Aggregates);
