using Cotyledon.Hosting.Health;
using Cotyledon.Hosting.Master;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health of the workers to that of the program.</summary>
public static class CotyledonHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds two checks: <c>cotyledon-live</c> with the tag <c>live</c>, and <c>cotyledon-ready</c> with the tag <c>ready</c>.
    /// </summary>
    /// <param name="builder">The health checks of the program.</param>
    /// <returns>The same builder.</returns>
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
    public static IHealthChecksBuilder AddCotyledon(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddCotyledon();
        return builder.Add(Registration("live", isReadiness: false)).Add(Registration("ready", isReadiness: true));
    }

    private static HealthCheckRegistration Registration(string tag, bool isReadiness) => new(
        $"cotyledon-{tag}",
        provider => new CotyledonHealthCheck(
            provider.GetService<SupervisorService>(), provider.GetServices<ITroubleSource>(), isReadiness),
        failureStatus: null,
        [tag]);
}
