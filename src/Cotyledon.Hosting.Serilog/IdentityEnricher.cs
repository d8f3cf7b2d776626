using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog;

/// <summary>Adds the identity of this process to the events that it writes itself.</summary>
internal sealed class IdentityEnricher(WorkerIdentity identity) : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory) => identity.Current.AddTo(logEvent);
}
