using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Tests;

/// <summary>Records log entries.</summary>
internal sealed class TestLogger : ILogger, ILoggerFactory
{
    private readonly ConcurrentQueue<(LogLevel Level, string Name, string Message)> _lines = new();
    private readonly AsyncLocal<object?> _scope = new();

    public IReadOnlyList<(LogLevel Level, string Name, string Message)> Lines => [.. _lines];

    /// <summary>The names of the events.</summary>
    public IEnumerable<string> Names => Lines.Select(l => l.Name);

    public object? Scope => _scope.Value;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull
    {
        _scope.Value = state;
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, eventId.Name ?? "", formatter(state, exception)));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
