using System.CommandLine;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>The code that all commands of the tool share.</summary>
internal sealed class Verb(ToolEnvironment environment, GlobalOptions options)
{
    public ToolEnvironment Environment => environment;

    public Invocation Read(ParseResult parse) => options.Read(parse);

    /// <summary>Lets a command connect to the program, and then run.</summary>
    public void Run(Command command, Func<ParseResult, Session, Task<int>> action) => command.SetAction(async (parse, cancellationToken) =>
    {
        await using var session = await Session.OpenAsync(environment, options.Read(parse), cancellationToken);
        return await action(parse, session);
    });
}
