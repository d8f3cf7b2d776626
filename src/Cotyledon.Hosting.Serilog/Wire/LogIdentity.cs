using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>The origin of an event: the process and, if it is assigned, its service, worker id and incarnation.</summary>
internal sealed class LogIdentity
{
    private readonly LogEventProperty[] _properties;

    public LogIdentity(int processId)
    {
        ProcessId = processId;
        _properties = [new("ProcessId", new ScalarValue(processId))];
    }

    public LogIdentity(string service, int workerId, long incarnation, int processId)
    {
        (Service, WorkerId, Incarnation, ProcessId) = (service, workerId, incarnation, processId);
        _properties =
        [
            new("Service", new ScalarValue(service)),
            new("WorkerId", new ScalarValue(workerId)),
            new("Incarnation", new ScalarValue(incarnation)),
            new("ProcessId", new ScalarValue(processId)),
        ];
    }

    public string? Service { get; }

    public int WorkerId { get; }

    public long Incarnation { get; }

    public int ProcessId { get; }

    /// <summary>Adds the properties of this identity. A property of the same name in the event takes precedence.</summary>
    public void AddTo(LogEvent logEvent)
    {
        foreach (var property in _properties)
        {
            logEvent.AddPropertyIfAbsent(property);
        }
    }

    /// <summary>Returns true if this identity adds the same property with the same value. The log scope of the core sets these.</summary>
    public bool Has(string name, LogEventPropertyValue value) => value is ScalarValue scalar && name switch
    {
        "Service" => Service is not null && scalar.Value is string text && text == Service,
        "WorkerId" => Service is not null && scalar.Value is int number && number == WorkerId,
        "Incarnation" => Service is not null && scalar.Value is long number && number == Incarnation,
        "ProcessId" => scalar.Value is int number && number == ProcessId,
        _ => false,
    };
}
