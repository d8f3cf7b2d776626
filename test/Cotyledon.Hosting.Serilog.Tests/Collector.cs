using System.Collections.Concurrent;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Tests;

/// <summary>A sink that records its events.</summary>
internal sealed class Collector : ILogEventSink
{
    private readonly ConcurrentQueue<LogEvent> _events = new();

    public IReadOnlyList<LogEvent> Events => [.. _events];

    public void Emit(LogEvent logEvent) => _events.Enqueue(logEvent);
}
