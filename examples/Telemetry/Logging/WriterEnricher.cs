using System.Globalization;
using Serilog.Core;
using Serilog.Events;

namespace Telemetry.Logging;

/// <summary>Says on each line which process wrote it: <c>polling(0) [812]</c>, <c>master [811]</c>.</summary>
/// <remarks>
/// The package gives each event of a worker the service, the worker id, the incarnation and the process id. Some lines of the master
/// are about a worker and name it by properties of the same names; all four of them, though, only a worker's own events have.
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

        // A worker that has no slot yet has a process id and nothing else.
        return service is null && process is not null && process != OwnProcess ? $"worker [{process}]" : $"master [{OwnProcess}]";
    }

    private static string? Text(LogEvent logEvent, string property) =>
        logEvent.Properties.TryGetValue(property, out var value) && value is ScalarValue { Value: { } scalar }
            ? Convert.ToString(scalar, CultureInfo.InvariantCulture)
            : null;
}
