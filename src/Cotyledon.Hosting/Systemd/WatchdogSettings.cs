using System.Globalization;

namespace Cotyledon.Hosting.Systemd;

/// <summary>What sd_watchdog_enabled(3) says: how long the service manager waits between two signs of life of this process.</summary>
/// <param name="Timeout">Null where it does not wait for any.</param>
/// <param name="Warning">What is wrong with the variables.</param>
internal sealed record WatchdogSettings(TimeSpan? Timeout, string? Warning = null)
{
    public const string TimeoutVariable = "WATCHDOG_USEC";
    public const string ProcessVariable = "WATCHDOG_PID";

    private const ulong MaxMicroseconds = long.MaxValue / TimeSpan.TicksPerMicrosecond;

    private static readonly WatchdogSettings None = new(Timeout: null);

    /// <param name="microseconds">The value of WATCHDOG_USEC.</param>
    /// <param name="processId">The value of WATCHDOG_PID: which process is meant, where one is named.</param>
    /// <param name="own">The id of this process.</param>
    public static WatchdogSettings Parse(string? microseconds, string? processId, int own)
    {
        if (string.IsNullOrEmpty(microseconds))
        {
            return None;
        }

        if (!string.IsNullOrEmpty(processId))
        {
            if (!int.TryParse(processId, NumberStyles.None, CultureInfo.InvariantCulture, out var process) || process == 0)
            {
                return Bad(ProcessVariable, processId, "the id of a process");
            }

            if (process != own)
            {
                return None;
            }
        }

        return ulong.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && time is > 0 and <= MaxMicroseconds
                ? new WatchdogSettings(TimeSpan.FromMicroseconds((long)time))
                : Bad(TimeoutVariable, microseconds, "a number of microseconds");
    }

    private static WatchdogSettings Bad(string variable, string value, string wanted) => new(
        Timeout: null, $"{variable} is '{value}', which is not {wanted}: the service manager's watchdog gets no sign of life.");
}
