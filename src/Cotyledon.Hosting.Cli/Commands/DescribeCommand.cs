using System.CommandLine;
using System.Text.Json;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Shows all that is known about the program, a service or a worker.</summary>
internal static class DescribeCommand
{
    public static Command Create(Verb verb)
    {
        var argument = Target.OptionalArgument("A service or a worker. Without it, the program is described.");
        var command = new Command("describe", "Show details of the program, a service or a worker: state, last exit, standard error.") { argument };
        verb.Run(command, async (parse, session) =>
        {
            var target = parse.GetValue(argument);
            var (status, json) = await session.StatusAsync(usage: true);
            var text = new DescriptionText(session.Clock);
            var (lines, part) = target switch
            {
                null => (text.Program(session.Greeting, session.Program, status), json),
                { Worker: null } => (text.Service(target.FindIn(status)), Part(json, "services", "name", target.Service)),
                _ => (text.Worker(target.FindIn(status), target.FindWorkerIn(status)), WorkerPart(json, target)),
            };
            session.Terminal.WriteLines(
                !session.Invocation.Json ? lines : target is null ? [JsonOutput.WithProgram(session.Greeting, part)] : [JsonOutput.Of(part)]);
            return ExitCodes.Done;
        });
        return command;
    }

    private static JsonElement WorkerPart(JsonElement status, Target target)
    {
        var service = Part(status, "services", "name", target.Service);
        return service.GetProperty("workers").EnumerateArray().First(w => w.GetProperty("id").GetInt32() == target.Worker);
    }

    /// <summary>The object of a list with this name. It is there: the records were read from the same text.</summary>
    private static JsonElement Part(JsonElement element, string list, string key, string value) =>
        element.GetProperty(list).EnumerateArray().First(e => e.ValueKind == JsonValueKind.Object && e.TryGetProperty(key, out var name) && name.ValueEquals(value));
}
