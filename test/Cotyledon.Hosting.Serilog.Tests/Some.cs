using System.Diagnostics;
using Serilog.Events;
using Serilog.Parsing;

namespace Cotyledon.Hosting.Serilog.Tests;

/// <summary>Sample events, and a wait for conditions.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Time = new(2026, 11, 22, 23, 35, 7, 123, TimeSpan.FromMinutes(330));

    public static LogEvent Event(params (string Name, object? Value)[] properties) => Event("A {Template}", null, properties);

    public static LogEvent Event(string template, Exception? exception, params (string Name, object? Value)[] properties) => new(
        Time,
        LogEventLevel.Information,
        exception,
        new MessageTemplateParser().Parse(template),
        properties.Select(p => new LogEventProperty(p.Name, p.Value as LogEventPropertyValue ?? new ScalarValue(p.Value))));

    /// <summary>Waits for a condition that depends on background threads.</summary>
    public static void Eventually(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)), "the condition was not met in time");
            Thread.Sleep(1);
        }
    }
}
