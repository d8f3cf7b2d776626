namespace Telemetry.Samples;

/// <summary>What a meter showed. The id tells a sample that comes twice from two that are alike.</summary>
internal sealed record Sample(Guid Id, string Meter, string Unit, double Value, DateTimeOffset Time);
