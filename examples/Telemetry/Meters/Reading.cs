using System.Diagnostics;

namespace Telemetry.Meters;

/// <summary>Two counters, read together: an amount, and what it is counted against, such as time.</summary>
internal readonly record struct Reading(double Amount, double Base)
{
    public static Reading operator -(Reading left, Reading right) => new(left.Amount - right.Amount, left.Base - right.Base);

    /// <summary>An amount against the seconds that pass.</summary>
    public static Reading OverTime(double amount) => new(amount, Stopwatch.GetElapsedTime(0).TotalSeconds);
}
