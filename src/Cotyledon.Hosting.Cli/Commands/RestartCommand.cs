using System.CommandLine;
using System.Text.Json;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Replaces workers one by one, or reloads the configuration.</summary>
internal static class RestartCommand
{
    public static Command CreateRestart(Verb verb)
    {
        var argument = Target.Argument("The service or the worker to restart.");
        var command = new Command("restart", "Replace the workers of a service one by one, or one worker.") { argument };
        verb.Run(command, (parse, session) =>
        {
            var target = parse.GetValue(argument)!;
            return RunAsync(session, new Request("restart") { Service = target.Service, Worker = target.Worker }, ReloadText.Restart);
        });
        return command;
    }

    public static Command CreateReload(Verb verb)
    {
        var command = new Command("reload", "Read the configuration again, and reload all services.");
        verb.Run(command, (_, session) => RunAsync(session, new Request("reload"), ReloadText.Reload));
        return command;
    }

    private static async Task<int> RunAsync(Session session, Request request, Func<ReloadRecord, IEnumerable<string>> text)
    {
        var shown = new List<string>();
        var json = await session.ActionAsync(request, part => Show(session, part, shown));
        var result = WireJson.Read(json, WireJson.Default.ReloadRecord);
        result = result with
        {
            Errors = [.. result.Errors.OrNone().Where(error => !shown.Exists(failure => error.EndsWith($": {failure}", StringComparison.Ordinal)))],
        };
        session.Terminal.WriteLines(session.Invocation.Json ? [JsonOutput.Of(json)] : text(result));
        return ReloadText.ExitCodeOf(result);
    }

    /// <summary>Shows a step. The result contains its failure once more, with the service before it.</summary>
    private static void Show(Session session, JsonElement part, List<string> shown)
    {
        var progress = WireJson.Read(part, WireJson.Default.StepProgressRecord);
        if (progress.Step?.Failure is { } failure)
        {
            shown.Add(failure);
        }

        session.Progress.Step(ReloadText.Step(progress), progress.Done, progress.Total);
    }
}
