using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Commands;
using Cotyledon.Hosting.Cli.Output;
using Cotyledon.Hosting.Cli.Top;

namespace Cotyledon.Hosting.Cli;

/// <summary>The commands, and the exit code of each end.</summary>
internal static class Tool
{
    public static async Task<int> RunAsync(ToolEnvironment environment, string[] arguments, CancellationToken cancellationToken)
    {
        var terminal = environment.Terminal;
        try
        {
            var parse = CreateCommands(environment).Parse(arguments.Length == 0 ? ["--help"] : arguments);
            if (parse.Action is ParseErrorAction)
            {
                return UsageError(parse, terminal);
            }

            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = terminal.Output,
                Error = terminal.Error,
            };
            var exitCode = await parse.InvokeAsync(configuration, cancellationToken);
            await terminal.Output.FlushAsync(CancellationToken.None);
            return arguments.Length == 0 ? ExitCodes.Usage : exitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (OutputClosedException)
        {
            return ExitCodes.Failed;
        }
        catch (ConnectionEndedException e)
        {
            return Error(terminal, ExitCodes.NothingRuns, $"{e.Message} The program has ended or is stopping.");
        }
        catch (ToolException e)
        {
            return Error(terminal, e.ExitCode, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Such as a full disk behind standard output, or a closed standard output.
            return Error(terminal, ExitCodes.Failed, SafeText.Escape(e.Message));
        }
    }

    private static RootCommand CreateCommands(ToolEnvironment environment)
    {
        var options = new GlobalOptions();
        var verb = new Verb(environment, options);
        var root = new RootCommand("Watches and controls a running program that uses Cotyledon.Hosting.")
        {
            PsCommand.Create(verb),
            TopCommand.Create(verb),
            DescribeCommand.Create(verb),
            ScaleCommand.CreateScale(verb),
            ScaleCommand.Create(verb, "reset", "Set the number of workers back to the configured number."),
            ScaleCommand.Create(verb, "start", "Start the workers of services that were stopped or given up."),
            ScaleCommand.Create(verb, "stop", "Stop all workers of services, until they are started again, the configuration changes their number, or the program ends."),
            RestartCommand.CreateRestart(verb),
            RestartCommand.CreateReload(verb),
            KillCommand.Create(verb),
            EventsCommand.Create(verb),
            ExitsCommand.Create(verb),
            QueueCommand.Create(verb),
            ShutdownCommand.Create(verb),
            LogsCommand.Create(verb),
            CompletionCommand.Create(verb),
        };
        options.AddTo(root);
        return root;
    }

    private static int UsageError(ParseResult parse, Terminal terminal)
    {
        foreach (var error in parse.Errors.Select(e => e.Message).Distinct())
        {
            terminal.WriteError($"error: {SafeText.Escape(error)}");
        }

        var names = "";
        for (var result = parse.CommandResult; result is { Command: not RootCommand }; result = result.Parent as CommandResult)
        {
            names = $" {result.Command.Name}{names}";
        }

        terminal.WriteError($"See: cotyledon{names} --help");
        return ExitCodes.Usage;
    }

    private static int Error(Terminal terminal, int exitCode, string message)
    {
        terminal.WriteError($"error: {message}");
        return exitCode;
    }
}
