namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

internal static class Statistics
{
    /// <summary>Returns the median: the middle value, or the mean of the two middle values.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
