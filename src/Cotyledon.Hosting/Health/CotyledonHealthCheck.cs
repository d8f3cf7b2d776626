using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Master;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cotyledon.Hosting.Health;

/// <summary>Reports the health of the services in the master. In a worker it is always healthy.</summary>
internal sealed class CotyledonHealthCheck(
    SupervisorService? supervisor, IEnumerable<IHealthIssueSource> issueSources, bool isReadiness) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var result = Check();
        return Task.FromResult(result.Status == HealthStatus.Unhealthy
            ? new HealthCheckResult(context.Registration.FailureStatus, result.Description, result.Exception, result.Data)
            : result);
    }

    private HealthCheckResult Check()
    {
        if (supervisor is null)
        {
            return HealthCheckResult.Healthy("This process is a worker; the master reports the health of the services.");
        }

        return supervisor.GetHealth() is { } snapshot
            ? HealthEvaluator.Evaluate(snapshot with { HealthIssues = [.. snapshot.HealthIssues, .. issueSources.SelectMany(s => s.HealthIssues)] }, isReadiness)
            : HealthCheckResult.Healthy("The program is run by a tool that only builds its host; no workers are started.");
    }
}
