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
    /// <param name="name">The beginning of their names: by default they are <c>cotyledon-live</c> and <c>cotyledon-ready</c>.</param>
    /// <param name="failureStatus">
    /// The status to report for what is unhealthy; <see langword="null"/> for <see cref="HealthStatus.Unhealthy"/>.
    /// </param>
    /// <param name="tags">Further tags for both.</param>
    /// <param name="timeout">A timeout for each check; <see langword="null"/> for none. The checks do not wait for anything.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <remarks>
    /// <para>
    /// Unhealthy: a service has fewer workers than it is to have because one was given up, or cannot start: three or more of its
    /// processes in a row left before they were ready. Degraded: workers are missing otherwise; a bad configuration was rejected and
    /// the last good one is in force; the server or the disk of a queue is away. A service with a target of 0 is healthy.
    /// </para>
    /// <para>
    /// The readiness check is also unhealthy before all services have had their workers for the first time, and from the moment on
    /// when the program stops; the liveness check is degraded then. The data has an entry <c>Services:NAME</c> for each service,
    /// <c>Configuration</c> for errors, and <c>Queues:NAME</c> for a queue in trouble; all values are text.
    /// </para>
    /// <para>The checks read what the supervisor knows and wait for nothing. In a worker both are healthy.</para>
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
