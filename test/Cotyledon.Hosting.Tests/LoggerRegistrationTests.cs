using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Tests;

/// <summary>The loggers that the container gives to the program.</summary>
internal sealed class LoggerRegistrationTests
{
    private readonly ServiceCollection _services = new();

    [Test]
    public void The_loggers_of_the_framework_are_guarded([Values] bool isRegisteredBefore)
    {
        Register(isRegisteredBefore, () => _services.AddLogging());

        Assert.That(Logger(), Is.TypeOf<GuardedLogger<Category>>());
    }

    [Test]
    public void A_logger_type_of_the_program_is_kept([Values] bool isRegisteredBefore)
    {
        Register(isRegisteredBefore, () => _services.AddLogging().AddSingleton(typeof(ILogger<>), typeof(OwnLogger<>)));

        Assert.That(Logger(), Is.TypeOf<OwnLogger<Category>>());
    }

    [Test]
    public void A_logger_type_of_the_program_with_a_key_changes_nothing()
    {
        _services.AddLogging().AddKeyedSingleton(typeof(ILogger<>), "key", typeof(OwnLogger<>)).AddCotyledon();

        Assert.That(Logger(), Is.TypeOf<GuardedLogger<Category>>());
    }

    private void Register(bool isBefore, Action program)
    {
        if (isBefore)
        {
            program();
        }

        _services.AddCotyledon();
        if (!isBefore)
        {
            program();
        }
    }

    private ILogger<Category> Logger() => _services.BuildServiceProvider().GetRequiredService<ILogger<Category>>();

    private sealed class Category;

    private sealed class OwnLogger<T> : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => false;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }
    }
}
