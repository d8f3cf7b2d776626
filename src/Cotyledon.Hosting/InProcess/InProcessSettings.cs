using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.InProcess;

/// <summary>What holds for workers without processes of their own.</summary>
internal static class InProcessSettings
{
    /// <summary>As good as for ever.</summary>
    private static readonly TimeSpan DebuggedHookTimeout = OptionLimits.MaxTime;

    /// <summary>The settings without what only processes have; and without timeouts, where somebody may look at a breakpoint.</summary>
    public static EffectiveSettings From(EffectiveSettings settings, bool isDebugged) => settings with
    {
        Supervisor = settings.Supervisor with
        {
            SpareWorkers = 0,
            HookTimeout = isDebugged ? DebuggedHookTimeout : settings.Supervisor.HookTimeout,
        },
        Services = [.. settings.Services.Select(service => From(service, isDebugged))],
    };

    private static ServiceSettings From(ServiceSettings service, bool isDebugged)
    {
        var shared = service with { Start = StartSettings.Inherited, MaxMemory = null };
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
