using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Serilog.Wire;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog;

/// <summary>The identity that the log events of the running code have.</summary>
internal sealed class WorkerIdentity(WorkerIdentity.Source source) : ILogEventEnricher
{
    private static readonly LogIdentity Process = new(Environment.ProcessId);

    private volatile LogIdentity? _last;

    /// <summary>The identity of the worker; <see langword="false"/> if there is none.</summary>
    public delegate bool Source([NotNullWhen(true)] out string? service, out int workerId, out long incarnation);

    /// <summary>The same object as long as the worker is the same, because each event asks for it.</summary>
    public LogIdentity Current
    {
        get
        {
            if (!source(out var service, out var workerId, out var incarnation))
            {
                return Process;
            }

            return _last is { } last && last.WorkerId == workerId && last.Incarnation == incarnation && last.Service == service
                ? last
                : _last = new LogIdentity(service, workerId, incarnation, Environment.ProcessId);
        }
    }

    /// <summary>Adds the identity to the events that this process writes itself.</summary>
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory) => Current.AddTo(logEvent);
}
