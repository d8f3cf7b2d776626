using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Health;
using Cotyledon.Hosting.HostProgram;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Master;

/// <summary>Queries about the state of the program.</summary>
internal sealed partial class SupervisorService
{
    public Task<IReadOnlyList<WorkerUsage>> MeasureAsync(CancellationToken cancellationToken = default) =>
        (_usage ?? throw NotStarted()).MeasureAsync(cancellationToken);

    public IReadOnlyList<ServiceStatus> GetStatus() =>
        ClusterReport.AddTo(_supervisor?.Read((state, now) => StatusReport.Of(state, now, clock.GetUtcNow())) ?? [], _cluster?.Observation);

    /// <summary>Returns the data for the health check; <see langword="null"/> in a design-time tool.</summary>
    public HealthSnapshot? GetHealth() => _supervisor switch
    {
        { } supervisor => supervisor.Read((state, _) => HealthSnapshot.Of(state)) with
        {
            ConfigurationErrors = ConfigurationErrors,
            HealthIssues = [.. ClusterIssues],
            IsClusterReached = _cluster is null or { HasAnswered: true },
            IsLeaseLost = _cluster is { Problem: not null } && supervisor.Read((state, _) => state.LeaseEnd is > 0 and var end && BootClock.Now >= end),
        },
        null when ForeignHost.Kind == HostProgramKind.DesignTimeTool => null,
        null => new HealthSnapshot { Phase = SupervisorPhase.NotStarted },
    };

    public CotyledonOverview GetOverview()
    {
        var phase = _isDisposed ? SupervisorPhase.Stopped : SupervisorPhase.NotStarted;
        var health = (_supervisor is null ? null : GetHealth()) ?? new HealthSnapshot { Phase = phase };
        var overview = OverviewReport.Of(
            health with { HealthIssues = [.. health.HealthIssues, .. services.GetServices<IHealthIssueSource>().SelectMany(s => s.HealthIssues)] },
            services.GetRequiredService<IHostEnvironment>().ApplicationName,
            _startedAt);
        return _supervisor?.Read((state, _) => OverviewReport.Add(overview, state, settings.IsInProcess) with { Cluster = ClusterOf(state) }) ?? overview;
    }

    public IReadOnlyList<WorkerExit> GetExits(int max = 64)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        return _output?.GetExits(max) ?? [];
    }

    public IReadOnlyList<OperationStatus> GetOperations() => _reloads?.GetOperations() ?? [];
}
