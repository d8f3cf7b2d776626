using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Master;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cotyledon.Hosting.Health;

/// <summary>Asks the supervisor, in the master. A worker answers for nobody: what it does is the master's to know.</summary>
internal sealed class CotyledonHealthCheck(
    SupervisorService? supervisor, IEnumerable<IHealthIssueSource> troubles, bool isReadiness) : IHealthCheck
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
            return HealthCheckResult.Healthy("This is a worker; its master answers for the services.");
        }

        return supervisor.GetHealth() is { } picture
            ? HealthEvaluator.Evaluate(picture with { HealthIssues = [.. troubles.SelectMany(t => t.HealthIssues)] }, isReadiness)
            : HealthCheckResult.Healthy("No workers are started: this is a tool that only looks at the program.");
    }
}
