using System.Reflection;
using Cotyledon.Hosting.Health;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Master;

/// <summary>Creates the overview that <see cref="ICotyledonManager.GetOverview"/> returns.</summary>
internal static class OverviewReport
{
    private static readonly string? Version = Assembly.GetEntryAssembly()?
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    public static CotyledonOverview Of(HealthSnapshot health, string application, DateTimeOffset startedAt)
    {
        var result = HealthEvaluator.Evaluate(health, isReadiness: false);
        return new CotyledonOverview
        {
            Application = application,
            Version = Version,
            ProcessId = Environment.ProcessId,
            StartedAt = startedAt,
            Phase = PhaseOf(health),
            Health = result.Status,
            HealthDescription = result.Description ?? "",
            ConfigurationErrors = health.ConfigurationErrors,
        };
    }

    /// <summary>Adds the numbers of processes.</summary>
    public static CotyledonOverview Add(CotyledonOverview overview, SupervisorState state, bool isInProcess) => overview with
    {
        SpareTarget = state.Spares.Target,
        SparesReady = state.Spares.Slots.Count(
            s => s is { IsInTarget: true, Process: { State: WorkerState.Starting, SaidHello: true, Departure.IsRequested: false } }),
        IsInProcess = isInProcess,
        ProcessCount = isInProcess ? 0 : state.Processes.Count,
    };

    private static CotyledonPhase PhaseOf(HealthSnapshot health) => health switch
    {
        { Phase: SupervisorPhase.NotStarted } or { Phase: SupervisorPhase.Running, WasReady: false } => CotyledonPhase.Starting,
        { Phase: SupervisorPhase.Running } => CotyledonPhase.Running,
        { Phase: SupervisorPhase.Stopped } => CotyledonPhase.Stopped,
        _ => CotyledonPhase.Stopping,
    };
}
