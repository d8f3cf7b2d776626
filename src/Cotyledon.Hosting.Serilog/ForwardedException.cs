namespace Cotyledon.Hosting.Serilog;

/// <summary>
/// The exception of an event that a worker has forwarded, as sinks and filters of the master see it: its type and all that it
/// contains are text.
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

    /// <summary>The full name of the type that it has in the worker.</summary>
    public string OriginalType { get; }

    /// <summary>Where the original was thrown.</summary>
    public override string? StackTrace => _stackTrace;

    /// <summary>What the original says of itself, inner exceptions and stack traces included.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text;
}
