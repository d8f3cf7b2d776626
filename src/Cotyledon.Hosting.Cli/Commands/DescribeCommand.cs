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
            var (status, json) = await session.StatusAsync(usage: true, queues: target is null);
            target = target?.In(status);
            var text = new DescriptionText(session.Clock);
            var (lines, part) = target switch
            {
                null => (text.Program(session.Greeting, session.Program, status), json),
                { Worker: null } => (text.Service(target.FindIn(status)), ServicePart(json, target)),
                _ => (text.Worker(target.FindIn(status), target.FindWorkerIn(status)), WorkerPart(json, target)),
            };
            session.Terminal.WriteLines(
                !session.Invocation.Json ? lines : target is null ? [JsonOutput.WithProgram(session.Greeting, part)] : [JsonOutput.Of(part)]);
            return ExitCodes.Done;
        });
        return command;
    }

    private static JsonElement WorkerPart(JsonElement status, Target target) => Objects(ServicePart(status, target), "workers")
        .First(worker => (worker.TryGetProperty("id", out var id) ? id.GetInt32() : 0) == target.Worker);

    private static JsonElement ServicePart(JsonElement status, Target target) => Objects(status, "services")
        .First(service => service.TryGetProperty("name", out var name) && name.ValueEquals(target.Service));

    /// <summary>The lists and objects have the right types: the records were read from the same text.</summary>
    private static IEnumerable<JsonElement> Objects(JsonElement element, string list) =>
        element.GetProperty(list).EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object);
}
