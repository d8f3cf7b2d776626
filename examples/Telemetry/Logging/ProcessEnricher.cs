using Cotyledon.Hosting;
using Serilog.Core;
using Serilog.Events;

namespace Telemetry.Logging;

/// <summary>Says on each line which process wrote it: <c>polling(0) [812]</c>, <c>master [811]</c>.</summary>
/// <remarks>
/// In a worker, the log scope around its service has the service and the worker id. The master's lines have no such scope, but
/// some are about a worker and name it by the same properties; so who wrote a line is a property of its own.
/// </remarks>
internal sealed class ProcessEnricher : ILogEventEnricher
{
    public const string Writer = "Writer";

    private const string Service = "Service";
    private const string WorkerId = "WorkerId";
    private const string ProcessId = "ProcessId";

    // A worker is just that until the master has assigned it to a service.
    private static readonly string Role = CotyledonHost.IsWorker ? "worker" : "master";

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        logEvent.AddPropertyIfAbsent(propertyFactory.CreateProperty(Writer, $"{Name(logEvent)} [{Environment.ProcessId}]"));
        logEvent.AddPropertyIfAbsent(propertyFactory.CreateProperty(Service, Role));
        logEvent.AddPropertyIfAbsent(propertyFactory.CreateProperty(ProcessId, Environment.ProcessId));
    }

    private static string Name(LogEvent logEvent) =>
        CotyledonHost.IsWorker
        && logEvent.Properties.TryGetValue(Service, out var service)
        && logEvent.Properties.TryGetValue(WorkerId, out var workerId)
            ? $"{service:l}({workerId})"
            : Role;
}
