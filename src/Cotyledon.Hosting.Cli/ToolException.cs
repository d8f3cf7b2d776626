namespace Cotyledon.Hosting.Cli;

/// <summary>An error that ends the tool, with the text for the operator.</summary>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="message">What happened, and what to do. Text from a program is escaped already.</param>
internal sealed class ToolException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
