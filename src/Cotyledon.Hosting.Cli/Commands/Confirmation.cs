using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Asks before an action that ends or deletes something.</summary>
internal static class Confirmation
{
    /// <summary>Throws unless the operator has agreed.</summary>
    /// <param name="terminal">Where to ask. Standard output is left alone.</param>
    /// <param name="invocation">Whether <c>--yes</c> is set.</param>
    /// <param name="question">A question that can be answered with yes.</param>
    /// <param name="cancellationToken">Ctrl+C, which does not end the reading of a line.</param>
    /// <returns>Whether the operator was asked.</returns>
    public static async Task<bool> RequireAsync(Terminal terminal, Invocation invocation, string question, CancellationToken cancellationToken)
    {
        if (invocation.Yes)
        {
            return false;
        }

        if (!terminal.IsInputTerminal || !terminal.IsErrorTerminal)
        {
            throw new ToolException(ExitCodes.Usage, $"{question} Without a terminal, confirm it with --yes.");
        }

        terminal.Error.Write($"{question} [y/N] ");
        terminal.Error.Flush();
        var answer = await Task.Run(terminal.Input.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        if (answer?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
        {
            throw new ToolException(ExitCodes.Failed, "Nothing was done.");
        }

        return true;
    }
}
