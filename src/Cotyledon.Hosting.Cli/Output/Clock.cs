using System.Globalization;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>Times in the time zone of the operator, and ages.</summary>
internal sealed class Clock(TimeProvider time)
{
    /// <summary>The time of day; with the date if it is not today.</summary>
    public string Of(DateTimeOffset? moment, string timeFormat = "HH:mm:ss")
    {
        if (moment is not { } at)
        {
            return "-";
        }

        var local = TimeZoneInfo.ConvertTime(at, time.LocalTimeZone);
        var format = local.Date == time.GetLocalNow().Date ? timeFormat : $"yyyy-MM-dd {timeFormat}";
        return local.ToString(format, CultureInfo.InvariantCulture);
    }

    public string Since(DateTimeOffset? moment) => moment is { } at ? Durations.Age(time.GetUtcNow() - at) : "-";

    public string Until(DateTimeOffset moment) => Durations.Age(moment - time.GetUtcNow() + TimeSpan.FromMilliseconds(999));
}
