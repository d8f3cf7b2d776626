namespace Telemetry.Meters.Linux;

/// <summary><c>/proc/loadavg</c>: tasks that run or want to, on average over 1, 5 and 15 minutes.</summary>
internal static class LoadAverage
{
    public static double? Parse(string text) => new Fields(text).Number(0);
}
