using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cotyledon.Hosting.Observability;

/// <summary>The log of our packages: a provider of the program that throws loses a line, and nothing else happens.</summary>
internal class GuardedLogger : ILogger
{
    private readonly ILogger _inner;
    private long _lost;

    protected GuardedLogger(ILogger inner) => _inner = inner;

    /// <summary>How many lines a provider has refused by throwing.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <param name="loggers">Those of the program.</param>
    /// <param name="category">The package that logs.</param>
    public static GuardedLogger Create(ILoggerFactory loggers, string category = "Cotyledon.Hosting")
    {
        try
        {
            return new GuardedLogger(loggers.CreateLogger(category));
        }
        catch (Exception)
        {
            // A provider cannot make a logger. The rest of the program meets that as well, and says so where it can.
            return new GuardedLogger(NullLogger.Instance);
        }
    }

    public static GuardedLogger Around(ILogger logger) => logger as GuardedLogger ?? new GuardedLogger(logger);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return _inner.BeginScope(state);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            _inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // Also where the exception that is to be logged throws in its own members: its text is in the exit record.
            Interlocked.Increment(ref _lost);
        }
    }
}

/// <summary>
/// The logger that the container gives to the host and to the program. The host logs while it stops: where a provider throws then, a
/// plain host ends with an unhandled exception instead of stopping its services.
/// </summary>
/// <remarks>
/// Native code builds this type for each category while the process starts. So it has no generic methods of its own, and makes no
/// <see cref="Logger{T}"/>.
/// </remarks>
[SuppressMessage("Usage", "CA2263", Justification = "The generic overload makes a Logger<T>.")]
internal sealed class GuardedLogger<T>(ILoggerFactory loggers) : GuardedLogger(loggers.CreateLogger(typeof(T))), ILogger<T>;
