using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.InProcess;

/// <summary>Adjusts the settings for workers in the process of the master.</summary>
internal static class InProcessSettings
{
    /// <summary>
    /// Returns the settings without those that need processes. Under a debugger the timeouts are removed too, so that a breakpoint does not
    /// trigger one.
    /// </summary>
    public static EffectiveSettings From(EffectiveSettings settings, bool isDebugged) => settings with
    {
        Supervisor = settings.Supervisor with
        {
            SpareWorkers = 0,
            HookTimeout = isDebugged ? OptionLimits.MaxTime : settings.Supervisor.HookTimeout,
        },
        Cluster = null,
        Services = [.. settings.Services.Select(service => From(service, isDebugged))],
    };

    private static ServiceSettings From(ServiceSettings service, bool isDebugged)
    {
        var shared = service with { Start = StartSettings.Inherited, MaxMemory = null, Scope = WorkerScope.Program };
        return isDebugged
            ? shared with
            {
                GracefulTimeout = Timeout.InfiniteTimeSpan,
                ReadyTimeout = Timeout.InfiniteTimeSpan,
                LivenessTimeout = Timeout.InfiniteTimeSpan,
            }
            : shared;
    }
}
