namespace Cotyledon.Hosting.Cli;

/// <summary>An error that ends the tool, with the text for the operator.</summary>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="message">What happened, and what to do. Text from a program is escaped already.</param>
internal sealed class ToolException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>Whether the program has answered with this error. Otherwise, what it sent may not be an answer at all.</summary>
    public bool IsAnswer { get; init; }
}
