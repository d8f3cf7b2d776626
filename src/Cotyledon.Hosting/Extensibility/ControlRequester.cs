using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>
/// Sets the requester of reloads, restarts and kills in the current asynchronous flow, for <see cref="OperationStatus.RequestedBy"/> and the
/// log.
/// </summary>
[Experimental("COTYLEDON001")]
public static class ControlRequester
{
    private const int MaxLength = 200;
    private const string Code = "code";

    private static readonly AsyncLocal<string?> Present = new();

    /// <summary>Gets the requester in the current asynchronous flow.</summary>
    /// <value><c>code</c> if it was not set.</value>
    public static string Current => Present.Value ?? Code;

    /// <summary>Sets the requester for the current asynchronous flow.</summary>
    /// <param name="requester">
    /// The requester, such as <c>control uid 0 pid 12</c>. Control characters are escaped, and a longer text is cut after 200 characters.
    /// </param>
    /// <returns>An object that restores the previous requester when it is disposed of.</returns>
    public static IDisposable Use(string requester)
    {
        ArgumentException.ThrowIfNullOrEmpty(requester);
        var escaped = LogText.Escape(requester);
        var previous = new Previous(Present.Value);
        Present.Value = escaped.Length <= MaxLength ? escaped : escaped[..MaxLength];
        return previous;
    }

    private sealed class Previous(string? requester) : IDisposable
    {
        public void Dispose() => Present.Value = requester;
    }
}
