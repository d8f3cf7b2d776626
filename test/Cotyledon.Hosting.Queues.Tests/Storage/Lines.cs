using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Tests.Storage;

/// <summary>Records the names of logged events.</summary>
internal sealed class Lines : ILogger
{
    private readonly ConcurrentQueue<string> _names = new();

    public string Names => string.Join(' ', _names);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _names.Enqueue(eventId.Name!);
}
