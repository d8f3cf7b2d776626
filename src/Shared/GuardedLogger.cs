using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cotyledon.Hosting.Shared;

/// <summary>The logger of this library. If a log provider of the program throws, the line is lost, with no other effect.</summary>
internal class GuardedLogger : ILogger
{
    private readonly ILogger _inner;
    private long _lost;

    protected GuardedLogger(ILogger inner) => _inner = inner;

    /// <summary>The number of lines that were lost because a provider threw.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Creates a logger that never throws. Its category is the name of the package.</summary>
    public static GuardedLogger Create(ILoggerFactory loggers, string category = "Cotyledon.Hosting")
    {
        try
        {
            return new GuardedLogger(loggers.CreateLogger(category));
        }
        catch (Exception)
        {
            // A provider cannot create a logger. Without a logger this cannot be logged; the program's own loggers fail in the same way.
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
            // A member of the logged exception may also throw. The exit record still contains the text of the exception.
            Interlocked.Increment(ref _lost);
        }
    }
}

/// <summary>
/// The logger that the container gives to the host and to the program, unless the program has registered a type of its own. If a provider
/// throws while the host logs its stop, an unguarded host ends with an unhandled exception instead of stopping its services.
/// </summary>
/// <remarks>
/// In native code the runtime builds this type for each category while the process starts. To keep that cheap, it has no generic methods of
/// its own and creates no <see cref="Logger{T}"/>.
/// </remarks>
[SuppressMessage("Usage", "CA2263", Justification = "The generic overload creates a Logger<T>.")]
internal sealed class GuardedLogger<T>(ILoggerFactory loggers) : GuardedLogger(loggers.CreateLogger(typeof(T))), ILogger<T>;
