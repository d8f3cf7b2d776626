using System.Diagnostics;

namespace Telemetry.Meters;

/// <summary>Two counters, read together: an amount, and its base, such as time.</summary>
internal readonly record struct Reading(double Amount, double Base)
{
    public static Reading operator -(Reading left, Reading right) => new(left.Amount - right.Amount, left.Base - right.Base);

    /// <summary>An amount with the time in seconds as its base.</summary>
    public static Reading OverTime(double amount) => new(amount, Stopwatch.GetElapsedTime(0).TotalSeconds);
}
