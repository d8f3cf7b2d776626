using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>The error that a request is answered with. The message is for the operator.</summary>
internal sealed class ControlError(string code, string message) : Exception(message)
{
    public const string UsageCode = "usage";
    public const string NotFoundCode = "notFound";
    public const string DeniedCode = "denied";
    public const string ConflictCode = "conflict";
    public const string FailedCode = "failed";
    public const string ProtocolCode = "protocol";

    public string Code => code;

    public static ControlError Usage(string message) => new(UsageCode, message);

    public static ControlError NotFound(string message) => new(NotFoundCode, message);

    public static ControlError Conflict(string message) => new(ConflictCode, message);

    /// <summary>Converts the exception of a call of the manager or of a queue.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="isRunning">Whether the supervisor runs: it has started and does not stop.</param>
    public static ControlError From(Exception exception, bool isRunning) => exception switch
    {
        ControlError error => error,
        ArgumentOutOfRangeException e => Usage(e.Message),
        ArgumentException e => NotFound(e.Message),
        InvalidOperationException e when !isRunning => Conflict(e.Message),
        _ => new ControlError(FailedCode, ExceptionText.Summary(exception)),
    };

    public ErrorObject ToObject() => new(Code, Message);
}
