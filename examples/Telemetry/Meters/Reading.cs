using System.Diagnostics;

namespace Telemetry.Meters;

/// <summary>Two counters that are read together: an amount, and the base of its rate, such as time.</summary>
internal readonly record struct Reading(double Amount, double Base)
{
    public static Reading operator -(Reading left, Reading right) => new(left.Amount - right.Amount, left.Base - right.Base);

    /// <summary>Returns a reading whose base is the time in seconds.</summary>
    public static Reading OverTime(double amount) => new(amount, Stopwatch.GetElapsedTime(0).TotalSeconds);
}
