using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Telemetry.Health;

internal static class HealthEndpoints
{
    /// <summary>Maps the checks for liveness and readiness. Only the master has a server.</summary>
    public static void MapHealth(this WebApplication app)
    {
        foreach (var question in (string[])["live", "ready"])
        {
            app.MapHealthChecks($"/health/{question}", new HealthCheckOptions
            {
                Predicate = check => check.Tags.Contains(question),
                ResponseWriter = WriteAsync,
            });
        }
    }

    /// <summary>Writes the status, then its reasons, one per line: <c>kubectl describe pod</c> shows them when a probe fails.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        var lines = report.Entries.Values.SelectMany(
            check => check.Data.Select(d => $"{d.Key}: {d.Value}").Prepend($"{check.Status}: {check.Description}"));
        return context.Response.WriteAsync(string.Join('\n', lines) + '\n', context.RequestAborted);
    }
}
