namespace Cotyledon.Hosting.Serilog;

/// <summary>
/// Represents the exception of an event that a worker has forwarded, for the sinks and filters of the master. Its type and content are
/// available as text only.
/// </summary>
public sealed class ForwardedException : Exception
{
    private readonly string _text;
    private readonly string? _stackTrace;

    internal ForwardedException(string originalType, string message, string text, string? stackTrace)
        : base(message)
    {
        OriginalType = originalType;
        _text = text;
        _stackTrace = stackTrace;
    }

    /// <summary>Gets the full name of the exception's type in the worker.</summary>
    public string OriginalType { get; }

    /// <summary>Gets the stack trace of the original exception.</summary>
    public override string? StackTrace => _stackTrace;

    /// <summary>Returns the text of the original exception, inner exceptions and stack traces included.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text;
}
