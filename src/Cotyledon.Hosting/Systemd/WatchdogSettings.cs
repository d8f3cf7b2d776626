using System.Globalization;

namespace Cotyledon.Hosting.Systemd;

/// <summary>The settings of the service manager's watchdog: sd_watchdog_enabled(3).</summary>
/// <param name="Timeout">
/// The longest time between two notices to the watchdog, or <see langword="null"/> if the watchdog does not watch this process.
/// </param>
/// <param name="Warning">A warning about an invalid variable, or <see langword="null"/>.</param>
internal sealed record WatchdogSettings(TimeSpan? Timeout, string? Warning = null)
{
    public const string TimeoutVariable = "WATCHDOG_USEC";
    public const string ProcessVariable = "WATCHDOG_PID";

    private const ulong MaxMicroseconds = long.MaxValue / TimeSpan.TicksPerMicrosecond;

    private static readonly WatchdogSettings None = new(Timeout: null);

    /// <summary>Reads the values of WATCHDOG_USEC and of WATCHDOG_PID, the id of the watched process, if it is set.</summary>
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
                return Bad(ProcessVariable, processId, "a process id");
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
        Timeout: null, $"{variable} is '{value}', which is not {wanted}; no notices are sent to the watchdog of the service manager.");
}
