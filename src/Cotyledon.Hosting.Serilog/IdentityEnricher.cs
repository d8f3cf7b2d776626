using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog;

/// <summary>Says who writes, where the process writes itself.</summary>
internal sealed class IdentityEnricher(WorkerIdentity identity) : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory) => identity.Current.AddTo(logEvent);
}
