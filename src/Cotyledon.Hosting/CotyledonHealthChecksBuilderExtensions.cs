using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Health;
using Cotyledon.Hosting.Master;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks for the workers.</summary>
public static class CotyledonHealthChecksBuilderExtensions
{
    /// <summary>Adds two health checks: one for liveness with the tag <c>live</c>, and one for readiness with the tag <c>ready</c>.</summary>
    /// <param name="builder">The health checks of the program.</param>
    /// <param name="name">The prefix of their names. By default they are <c>cotyledon-live</c> and <c>cotyledon-ready</c>.</param>
    /// <param name="failureStatus">
    /// The status to report instead of unhealthy; <see langword="null"/> for <see cref="HealthStatus.Unhealthy"/>.
    /// </param>
    /// <param name="tags">Additional tags for both.</param>
    /// <param name="timeout">The timeout of each check; <see langword="null"/> for none. The checks return immediately.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <remarks>
    /// <para>
    /// Unhealthy: a worker was given up, or three or more of its processes in a row exited before they were ready. Degraded: workers are
    /// missing for another reason, an invalid configuration was rejected, the server or the disk of a queue is unavailable, the cluster store has
    /// a problem, no program of the cluster runs a worker, or the machines have different numbers of workers. A service
    /// with a target of 0 workers is healthy.
    /// </para>
    /// <para>
    /// The readiness check is also unhealthy until all services have been ready once, and while the program stops; the liveness check is
    /// degraded then. The data has an entry <c>Services:NAME</c> for each service, <c>Configuration</c> for configuration errors,
    /// <c>Queues:NAME</c> for a queue with a problem, and <c>Cluster</c>, <c>Cluster:NAME</c> and <c>ClusterWorkers</c> for problems of the
    /// cluster. All values are text.
    /// </para>
    /// <para>In a worker both checks are healthy.</para>
    /// </remarks>
    public static IHealthChecksBuilder AddCotyledon(
        this IHealthChecksBuilder builder,
        string name = "cotyledon",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        builder.Services.AddCotyledon();
        string[] added = [.. tags ?? []];
        return builder.Add(Registration("live", isReadiness: false)).Add(Registration("ready", isReadiness: true));

        HealthCheckRegistration Registration(string tag, bool isReadiness) => new(
            $"{name}-{tag}",
            provider => new CotyledonHealthCheck(
                provider.GetService<SupervisorService>(), provider.GetServices<IHealthIssueSource>(), isReadiness),
            failureStatus,
            [tag, .. added],
            timeout);
    }
}
