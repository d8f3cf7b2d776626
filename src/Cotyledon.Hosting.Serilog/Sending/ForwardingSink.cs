using Cotyledon.Hosting.Serilog.Levels;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>The one sink of a worker.</summary>
internal sealed class ForwardingSink(Outbox outbox, WorkerLevels levels) : ILogEventSink
{
    public void Emit(LogEvent logEvent)
    {
        // Loggers that were made before this one, such as those of a bootstrap logger, do not look at the levels.
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
