namespace Cotyledon.Hosting.Configuration;

/// <summary>What values options may have, for those who read them and those who check them.</summary>
internal static class OptionLimits
{
    public const int MaxWorkers = 10_000;
    public const int MaxNameLength = 100;

    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);
}
