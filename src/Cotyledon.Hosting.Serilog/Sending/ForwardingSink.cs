using Cotyledon.Hosting.Serilog.Levels;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>Sends the events of a worker to the master.</summary>
internal sealed class ForwardingSink(Outbox outbox, WorkerLevels levels) : ILogEventSink
{
    public void Emit(LogEvent logEvent)
    {
        // Loggers that were created earlier, by a bootstrap logger, do not check the levels.
        var cell = logEvent.Properties.TryGetValue(Constants.SourceContextPropertyName, out var value)
            && value is ScalarValue { Value: string category }
            ? levels.Of(category)
            : levels.Root;
        if (cell.Allows(logEvent.Level))
        {
            outbox.Send(logEvent);
        }
    }
}
