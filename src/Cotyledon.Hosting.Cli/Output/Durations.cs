using System.Globalization;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>Durations, times and sizes, short enough for a column.</summary>
internal static class Durations
{
    private static readonly double MaxMilliseconds = TimeSpan.FromDays(1_000_000).TotalMilliseconds;

    /// <summary>Two units at most: <c>3d4h</c>, <c>5m12s</c>, <c>0s</c>.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { Ticks: < 0 } => "0s",
        { TotalMinutes: < 1 } => $"{age.Seconds}s",
        { TotalHours: < 1 } => Two(age.Minutes, "m", age.Seconds, "s"),
        { TotalDays: < 1 } => Two(age.Hours, "h", age.Minutes, "m"),
        _ => Two(age.Days, "d", age.Hours, "h"),
    };

    /// <summary>The same, and exact when it is short: <c>96ms</c>, <c>2.4s</c>.</summary>
    public static string Exact(double milliseconds)
    {
        var bounded = double.IsNaN(milliseconds) ? 0 : Math.Clamp(milliseconds, 0, MaxMilliseconds);
        return bounded switch
        {
            < 999.5 => string.Create(CultureInfo.InvariantCulture, $"{bounded:0}ms"),
            < 9_950 => string.Create(CultureInfo.InvariantCulture, $"{bounded / 1000:0.#}s"),
            _ => Age(TimeSpan.FromMilliseconds(bounded)),
        };
    }

    /// <summary>Binary units: <c>3.3M</c>.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(bytes, 0)}"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#}K"),
        < 1024L * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#}M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):0.#}G"),
    };

    private static string Two(int first, string unit, int second, string smaller) => second == 0 ? $"{first}{unit}" : $"{first}{unit}{second}{smaller}";
}
