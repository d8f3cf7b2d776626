namespace Cotyledon.Hosting;

/// <summary>Describes exceptions of the program. The members of such an exception may throw too.</summary>
internal static class ExceptionText
{
    private const int MaxDepth = 5;

    /// <summary>Returns types and messages, from the exception to its inner exceptions.</summary>
    public static string Of(Exception? exception)
    {
        if (exception is null)
        {
            return "An object that is not an exception was thrown.";
        }

        var parts = new List<string>();
        for (var e = exception; e is not null && parts.Count < MaxDepth; e = e.InnerException)
        {
            parts.Add($"{e.GetType()}: {MessageOf(e)}");
        }

        return string.Join(" ---> ", parts);
    }

    /// <summary>Returns the message of the exception and of its innermost inner exception.</summary>
    public static string Summary(Exception exception)
    {
        var cause = exception;
        for (var depth = 0; depth < MaxDepth && cause.InnerException is { } inner; depth++)
        {
            cause = inner;
        }

        return ReferenceEquals(cause, exception) ? MessageOf(exception) : $"{MessageOf(exception)} {MessageOf(cause)}";
    }

    private static string MessageOf(Exception exception)
    {
        try
        {
            return exception.Message;
        }
        catch (Exception e)
        {
            return $"(the message could not be read: {e.GetType()})";
        }
    }
}
