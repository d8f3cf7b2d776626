using System.Globalization;
using Serilog.Core;
using Serilog.Events;

namespace Telemetry.Logging;

/// <summary>Adds the process that wrote an event: <c>polling(0) [812]</c>, <c>master [811]</c>.</summary>
/// <remarks>
/// Each event of a worker has the service, the worker id, the incarnation and the process id as properties. Some events of the master are
/// about a worker and have properties with these names, but never all four.
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

        // Events of a spare worker have a process id only.
        return service is null && process is not null && process != OwnProcess ? $"worker [{process}]" : $"master [{OwnProcess}]";
    }

    private static string? Text(LogEvent logEvent, string property) =>
        logEvent.Properties.TryGetValue(property, out var value) && value is ScalarValue { Value: { } scalar }
            ? Convert.ToString(scalar, CultureInfo.InvariantCulture)
            : null;
}
