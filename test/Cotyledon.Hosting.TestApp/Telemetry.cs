using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Cotyledon.Hosting.TestApp;

/// <summary>Metrics, traces and health checks as a user would set them up; enabled by <c>--Telemetry true</c>.</summary>
internal sealed class Telemetry(MeterProvider meters, HealthCheckService health, List<MetricSnapshot> exported) : ITelemetryCommands
{
    private const string Source = "Cotyledon.Hosting";

    public static void Register(IServiceCollection services)
    {
        var exported = new List<MetricSnapshot>();
        services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(Source).AddInMemoryExporter(exported))
            .WithTracing(traces => traces.AddSource(Source).AddInMemoryExporter(new TracedSpans()));
        services.AddHealthChecks().AddCotyledon();
        services.AddCotyledonHooks<ResourceHook>();
        services.AddSingleton(exported);
        services.AddSingleton<ITelemetryCommands, Telemetry>();
    }

    public void Collect()
    {
        lock (exported)
        {
            exported.Clear();
            meters.ForceFlush();
            foreach (var metric in exported)
            {
                foreach (var point in metric.MetricPoints)
                {
                    Trace.Write("metric", detail: $"{metric.Name} {metric.Unit} {Describe(point.Tags)} {ValueOf(metric.MetricType, point)}");
                }
            }
        }
    }

    public async Task CheckAsync()
    {
        var report = await health.CheckHealthAsync().ConfigureAwait(false);
        foreach (var (name, entry) in report.Entries)
        {
            var data = entry.Data.Select(d => $"{d.Key}: {d.Value}");
            Trace.Write(name, detail: $"{entry.Status} | {entry.Description} | {string.Join(" | ", data)}");
        }
    }

    private static string ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.Histogram => string.Create(CultureInfo.InvariantCulture, $"{point.GetHistogramCount()}"),
        MetricType.LongSum => string.Create(CultureInfo.InvariantCulture, $"{point.GetSumLong()}"),
        MetricType.LongSumNonMonotonic => string.Create(CultureInfo.InvariantCulture, $"{point.GetSumLong()}"),
        _ => throw new NotSupportedException($"{type}"),
    };

    private static string Describe(ReadOnlyTagCollection tags)
    {
        var words = new List<string>();
        foreach (var (key, value) in tags)
        {
            words.Add($"{key}={value}");
        }

        return words.Count == 0 ? "-" : string.Join(',', words.Order(StringComparer.Ordinal));
    }

    /// <summary>Traces each exported activity and keeps none.</summary>
    private sealed class TracedSpans : Collection<Activity>
    {
        protected override void InsertItem(int index, Activity item)
        {
            var tags = item.TagObjects.Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal);
            var milliseconds = item.Duration.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
            Trace.Write(
                "span",
                detail: $"{item.OperationName} {item.Status} parent={item.ParentSpanId} id={item.SpanId} ms={milliseconds} {string.Join(',', tags)}");
        }
    }

    /// <summary>Traces the resource attributes of a worker in its environment, its configuration, and the SDK.</summary>
    private sealed class ResourceHook(IConfiguration configuration, MeterProvider meters) : ICotyledonHooks
    {
        private const string Variable = "OTEL_RESOURCE_ATTRIBUTES";

        public Task OnNewWorkerAsync(IWorkerContext worker, IHostedService service, CancellationToken cancellationToken)
        {
            var ofSdk = meters.GetResource().Attributes.Where(a => a.Key == "service.instance.id").Select(a => $"{a.Value}");
            Trace.Write(
                "resource",
                worker,
                $"{Environment.GetEnvironmentVariable(Variable)} {configuration[Variable]} {string.Join(',', ofSdk)}");
            return Task.CompletedTask;
        }
    }
}
