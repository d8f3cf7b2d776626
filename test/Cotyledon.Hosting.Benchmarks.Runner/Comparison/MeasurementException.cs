namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>A system did not do what was waited for.</summary>
internal sealed class MeasurementException(string message) : Exception(message);
