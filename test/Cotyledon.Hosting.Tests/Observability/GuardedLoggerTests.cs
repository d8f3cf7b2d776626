using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Observability;
using Microsoft.Extensions.Logging;
using Moq;

namespace Cotyledon.Hosting.Tests.Observability;

/// <summary>Log providers of the program that throw.</summary>
internal sealed class GuardedLoggerTests
{
    [Test]
    public void Whatever_a_provider_throws_loses_a_line_and_nothing_else()
    {
        var logger = GuardedLogger.Around(new EvilLogger());

        Assert.That(() => logger.LogError("a line"), Throws.Nothing);
        Assert.That(logger.BeginScope("a scope"), Is.Null);
        Assert.That((logger.IsEnabled(LogLevel.Error), logger.Lost), Is.EqualTo((false, 1)));
    }

    [Test]
    public void A_provider_that_cannot_make_a_logger_does_not_keep_the_program_from_starting()
    {
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Throws<NotSupportedException>();

        Assert.That(() => GuardedLogger.Create(factory.Object).LogError("a line"), Throws.Nothing);
    }

    [Test]
    public void The_background_log_goes_on_and_reports_what_was_lost_when_the_provider_works_again()
    {
        var inner = new FlakyLogger { IsBroken = true };
        using var log = new BackgroundLog(inner);
        for (var i = 0; i < 5; i++)
        {
            log.Write(logger => logger.LogInformation("lost"));
        }

        log.Write(_ => throw new NotSupportedException("the line cannot be made"));
        Assert.That(() => log.Dropped, Is.GreaterThanOrEqualTo(6).After(10_000, 10));
        inner.IsBroken = false;
        log.Write(logger => logger.LogInformation("kept"));

        Assert.That(() => inner.Lines, Has.Some.Contains("log lines were dropped").And.Some.EqualTo("kept").After(10_000, 10));
    }

    private sealed class EvilLogger : ILogger
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
