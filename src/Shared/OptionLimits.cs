namespace Cotyledon.Hosting.Shared;

/// <summary>The limits of option values.</summary>
internal static class OptionLimits
{
    public const int MaxWorkers = 10_000;
    public const int MaxSpareWorkers = 100;
    public const int MaxNameLength = 100;

    /// <summary>The largest exit code that every platform can report.</summary>
    public const int MaxExitCode = 255;

    public const int MinNice = -20;
    public const int MaxNice = 19;
    public const long MinMemory = 1024 * 1024;

    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(366);

    /// <summary>The shortest time for limits that are checked periodically.</summary>
    public static readonly TimeSpan MinCheckedTime = TimeSpan.FromSeconds(1);

    /// <summary>Checks a timeout that was set in code: timers refuse some values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is zero, negative or too long.</exception>
    public static void CheckTimeout(TimeSpan timeout, string name, bool mayBeInfinite = true)
    {
        if ((timeout <= TimeSpan.Zero || timeout > MaxTime) && !(mayBeInfinite && timeout == Timeout.InfiniteTimeSpan))
        {
            throw new ArgumentOutOfRangeException(
                name, timeout, $"The timeout must be more than zero and at most {MaxTime}{(mayBeInfinite ? ", or infinite" : "")}.");
        }
    }
}
