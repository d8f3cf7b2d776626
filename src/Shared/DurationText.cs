using System.Globalization;

namespace Cotyledon.Hosting.Shared;

/// <summary>Parses and formats durations of the configuration: <c>00:01:30</c>, <c>90s</c>, <c>1.5m</c>, <c>infinite</c>.</summary>
internal static class DurationText
{
    /// <summary>The accepted forms, for error messages.</summary>
    public const string Forms = "a duration with a unit such as 30s, 5m or 250ms, or hours:minutes:seconds such as 00:01:30; a number needs a unit";

    private const string InfiniteText = "infinite";

    private static readonly (string Unit, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <summary>
    /// Parses a duration. A number without a unit is invalid, because <see cref="TimeSpan.Parse(string)"/> would read 60 as sixty days.
    /// </summary>
    /// <returns>The duration, or <see langword="null"/> if the text is not a duration.</returns>
    public static TimeSpan? Parse(string text)
    {
        var trimmed = text.AsSpan().Trim();
        if (trimmed.Equals(InfiniteText, StringComparison.OrdinalIgnoreCase))
        {
            return Timeout.InfiniteTimeSpan;
        }

        // Negative durations are invalid. One of them, -00:00:00.001, would mean infinite.
        if (trimmed.Contains(':'))
        {
            // TimeSpan.Parse reads 36:00:00 as 36 days.
            var hasDays = trimmed[..trimmed.IndexOf(':')].Contains('.');
            if (!hasDays && int.TryParse(trimmed[..trimmed.IndexOf(':')], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours > 23)
            {
                return null;
            }

            return TimeSpan.TryParse(trimmed, CultureInfo.InvariantCulture, out var value) && value >= TimeSpan.Zero ? value : null;
        }

        foreach (var (unit, milliseconds) in Units)
        {
            if (trimmed.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(trimmed[..^unit.Length], NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number)
                && number >= 0
                && number * milliseconds <= TimeSpan.MaxValue.TotalMilliseconds)
            {
                return TimeSpan.FromMilliseconds(number * milliseconds);
            }
        }

        return null;
    }

    public static string Format(TimeSpan value) =>
        value == Timeout.InfiniteTimeSpan ? InfiniteText : value.ToString("c", CultureInfo.InvariantCulture);
}
