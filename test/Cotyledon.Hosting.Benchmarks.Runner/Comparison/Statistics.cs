namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

internal static class Statistics
{
    /// <summary>The value in the middle, or half-way between the two there.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
