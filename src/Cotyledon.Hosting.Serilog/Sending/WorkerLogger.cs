using Cotyledon.Hosting.Serilog.Levels;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>A logger of a worker: checks the level of its category in the master, and then uses the pipeline of Serilog.</summary>
internal sealed class WorkerLogger(ILogger inner, WorkerLevels levels, LevelCell level, Action flush) : ILogger, IDisposable
{
    public ILogger ForContext(ILogEventEnricher enricher) => With(inner.ForContext(enricher));

    public ILogger ForContext(IEnumerable<ILogEventEnricher> enrichers) => With(inner.ForContext(enrichers));

    public ILogger ForContext(string propertyName, object? value, bool destructureObjects = false)
    {
        var other = inner.ForContext(propertyName, value, destructureObjects);
        return propertyName == Constants.SourceContextPropertyName && value is string category
            ? new WorkerLogger(other, levels, levels.Of(category), flush)
            : With(other);
    }

    public ILogger ForContext<TSource>() => ForContext(typeof(TSource));

    public ILogger ForContext(Type source) => ForContext(Constants.SourceContextPropertyName, source.FullName);

    public bool IsEnabled(LogEventLevel ofEvent) => level.Allows(ofEvent);

    public void Write(LogEvent logEvent)
    {
        if (level.Allows(logEvent.Level))
        {
            inner.Write(logEvent);
        }
    }

    public bool BindMessageTemplate(
        string messageTemplate,
        object?[]? propertyValues,
        out MessageTemplate parsedTemplate,
        out IEnumerable<LogEventProperty> boundProperties) =>
        inner.BindMessageTemplate(messageTemplate, propertyValues, out parsedTemplate!, out boundProperties!);

    public bool BindProperty(string? propertyName, object? value, bool destructureObjects, out LogEventProperty property) =>
        inner.BindProperty(propertyName, value, destructureObjects, out property!);

    /// <summary>Flushes; also called by <c>Log.CloseAndFlush</c>. Later events are still forwarded.</summary>
    public void Dispose() => flush();

    private WorkerLogger With(ILogger other) => new(other, levels, level, flush);
}
