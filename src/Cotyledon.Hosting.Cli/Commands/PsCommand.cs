using System.CommandLine;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Lists the workers.</summary>
internal static class PsCommand
{
    public static Command Create(Verb verb)
    {
        var check = new Option<bool>("--check") { Description = "Exit with code 1 unless the program is healthy." };
        var command = new Command("ps", "List the services and workers.") { check };
        verb.Run(command, async (parse, session) =>
        {
            var (status, json) = await session.StatusAsync(usage: true);
            session.Terminal.WriteLines(
                session.Invocation.Json
                    ? [JsonOutput.WithProgram(session.Greeting, json)]
                    : new StatusText(session.Clock, session.Terminal.Style).Lines(session.Program, status));
            return parse.GetValue(check) && status.Overview is not { Health: "Healthy", Phase: "Running" } ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }
}
