namespace Telemetry.Meters.Linux;

/// <summary>Parses <c>/proc/loadavg</c>: the average number of runnable tasks over 1, 5 and 15 minutes.</summary>
internal static class LoadAverage
{
    public static double? Parse(string text) => new Fields(text).Number(0);
}
