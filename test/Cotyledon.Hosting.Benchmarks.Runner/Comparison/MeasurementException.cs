namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>A measured system did not behave as expected.</summary>
internal sealed class MeasurementException(string message) : Exception(message);
