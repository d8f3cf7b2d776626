namespace Cotyledon.Hosting.TestApp;

/// <summary>A log provider that throws once a file exists, as on a full disk.</summary>
internal sealed class ThrowingLog(string file) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (File.Exists(file))
        {
            throw new IOException("The disk is full, as scripted.");
        }
    }

    public void Dispose()
    {
    }
}
