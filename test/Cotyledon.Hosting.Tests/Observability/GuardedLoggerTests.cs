using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;
using Moq;

namespace Cotyledon.Hosting.Tests.Observability;

/// <summary>Log providers that throw exceptions.</summary>
internal sealed class GuardedLoggerTests
{
    [Test]
    public void An_exception_of_a_provider_loses_only_one_line()
    {
        var logger = GuardedLogger.Around(new ThrowingLogger());

        Assert.That(() => logger.LogError("a line"), Throws.Nothing);
        Assert.That(logger.BeginScope("a scope"), Is.Null);
        Assert.That((logger.IsEnabled(LogLevel.Error), logger.Lost), Is.EqualTo((false, 1)));
    }

    [Test]
    public void A_provider_that_fails_to_create_a_logger_does_not_prevent_the_start()
    {
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Throws<NotSupportedException>();

        Assert.That(() => GuardedLogger.Create(factory.Object).LogError("a line"), Throws.Nothing);
    }

    [Test]
    public void The_background_log_continues_and_reports_the_dropped_lines_when_the_provider_recovers()
    {
        var inner = new FlakyLogger { IsBroken = true };
        using var log = new BackgroundLog(inner);
        for (var i = 0; i < 5; i++)
        {
            log.Write(logger => logger.LogInformation("lost"));
        }

        log.Write(_ => throw new NotSupportedException("the line cannot be formatted"));
        Assert.That(() => log.Dropped, Is.GreaterThanOrEqualTo(6).After(10_000, 10));
        inner.IsBroken = false;
        log.Write(logger => logger.LogInformation("kept"));

        Assert.That(() => inner.Lines, Has.Some.Contains("log lines were dropped").And.Some.EqualTo("kept").After(10_000, 10));
    }

    private sealed class ThrowingLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw new NotSupportedException();

        public bool IsEnabled(LogLevel logLevel) => throw new NotSupportedException();

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new NotSupportedException();
    }

    private sealed class FlakyLogger : ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public volatile bool IsBroken;

        public IReadOnlyList<string> Lines => [.. _lines];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsBroken)
            {
                throw new IOException("full");
            }

            _lines.Enqueue(formatter(state, exception));
        }
    }
}
