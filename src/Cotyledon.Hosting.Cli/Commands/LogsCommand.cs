using System.CommandLine;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Says where the logs are: workers write to the standard output of the program, which the tool cannot read.</summary>
internal static class LogsCommand
{
    private static readonly string[] Lines =
    [
        "Workers write to the standard output of the program. To read this output, use the command for the way in which the program was started:",
        "  systemd      journalctl -u UNIT -f",
        "  Docker       docker logs -f CONTAINER",
        "  Kubernetes   kubectl logs -f POD",
        "  Serilog      the sinks of the program, with the package Cotyledon.Hosting.Serilog",
        "The last lines that a crashed worker wrote to its standard error: cotyledon describe SERVICE/ID",
    ];

    public static Command Create(Verb verb)
    {
        var command = new Command("logs", "Show how to read the logs.");
        command.SetAction(parse =>
        {
            verb.Environment.Terminal.WriteLines(verb.Read(parse).Json ? [JsonOutput.Strings("lines", Lines)] : Lines);
            return ExitCodes.Done;
        });
        return command;
    }
}
