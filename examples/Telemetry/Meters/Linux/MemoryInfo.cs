namespace Telemetry.Meters.Linux;

/// <summary>Parses <c>/proc/meminfo</c>, which has lines such as <c>MemTotal: 24684092 kB</c>.</summary>
internal static class MemoryInfo
{
    /// <summary>Returns the percentage of memory that is not available to programs.</summary>
    public static double? ParseUsed(string text) =>
        Find(text, "MemTotal:") is > 0 and var total && Find(text, "MemAvailable:") is { } available
            ? 100 * (total - available) / total
            : null;

    private static double? Find(string text, string key) =>
        text.Split('\n').Select(line => new Fields(line)).FirstOrDefault(f => f[0] == key, new Fields("")).Number(1);
}
