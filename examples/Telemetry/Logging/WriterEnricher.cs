using System.Globalization;
using Serilog.Core;
using Serilog.Events;

namespace Telemetry.Logging;

/// <summary>Adds the process that wrote the event: <c>polling(0) [812]</c>, <c>master [811]</c>.</summary>
/// <remarks>
/// The package adds the service, the worker id, the incarnation and the process id to each event of a worker. Some events of the master
/// have properties of the same names, because they are about a worker. But only events of a worker have all four.
/// </remarks>
internal sealed class WriterEnricher : ILogEventEnricher
{
    public const string Writer = "Writer";

    private static readonly string OwnProcess = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory) =>
        logEvent.AddPropertyIfAbsent(propertyFactory.CreateProperty(Writer, NameOf(logEvent)));

    private static string NameOf(LogEvent logEvent)
    {
        var (service, process) = (Text(logEvent, "Service"), Text(logEvent, "ProcessId"));
        if (service is not null && Text(logEvent, "Incarnation") is not null)
        {
            return $"{service}({Text(logEvent, "WorkerId")}) [{process}]";
        }

        // A worker without a worker id has only a process id.
        return service is null && process is not null && process != OwnProcess ? $"worker [{process}]" : $"master [{OwnProcess}]";
    }

    private static string? Text(LogEvent logEvent, string property) =>
        logEvent.Properties.TryGetValue(property, out var value) && value is ScalarValue { Value: { } scalar }
            ? Convert.ToString(scalar, CultureInfo.InvariantCulture)
            : null;
}
