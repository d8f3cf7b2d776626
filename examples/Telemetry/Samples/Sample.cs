namespace Telemetry.Samples;

/// <summary>A value of a meter. The id distinguishes a sample that is delivered twice from two equal samples.</summary>
internal sealed record Sample(Guid Id, string Meter, string Unit, double Value, DateTimeOffset Time);
