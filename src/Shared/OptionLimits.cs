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
}
