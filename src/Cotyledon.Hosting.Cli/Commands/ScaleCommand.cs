using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Changes the number of workers: <c>scale</c>, <c>reset</c>, <c>start</c> and <c>stop</c>.</summary>
internal static class ScaleCommand
{
    private const int MaxWorkers = 10_000;

    public static Command CreateScale(Verb verb)
    {
        var counts = new Argument<KeyValuePair<string, int>[]>("counts")
        {
            HelpName = "SERVICE=N",
            Description = "Services, each with its new number of workers.",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = ParseCounts,
        };
        var command = new Command("scale", "Set the number of workers of services, until reset, a new number in the configuration, or the end of the program.") { counts };
        verb.Run(command, (parse, session) => RunAsync(
            session,
            [.. parse.GetValue(counts)!.Select(count => new Request("scale") { Service = count.Key, Workers = count.Value })]));
        return command;
    }

    /// <summary>A command that takes names of services.</summary>
    public static Command Create(Verb verb, string name, string description)
    {
        var services = new Argument<string[]>("services") { HelpName = "SERVICE", Description = "Names of services.", Arity = ArgumentArity.OneOrMore };
        var command = new Command(name, description) { services };
        verb.Run(command, (parse, session) => RunAsync(
            session, [.. parse.GetValue(services)!.Select(service => new Request(name) { Service = service })]));
        return command;
    }

    /// <summary>One after the other. After a failure, the rest is not touched.</summary>
    private static async Task<int> RunAsync(Session session, IReadOnlyList<Request> requests)
    {
        await ConfirmAsync(session, requests);
        var results = new List<JsonElement>();
        try
        {
            foreach (var request in requests)
            {
                results.Add(await ScaleAsync(session, request));
            }
        }
        catch (ToolException e) when (requests.Count > results.Count + 1)
        {
            var skipped = requests.Skip(results.Count + 1).Select(r => SafeText.Escape(r.Service!));
            throw new ToolException(e.ExitCode, $"{e.Message} These services were not changed: {string.Join(", ", skipped)}.");
        }
        finally
        {
            if (session.Invocation.Json)
            {
                session.Terminal.WriteLine(JsonOutput.List("results", results));
            }
        }

        return ExitCodes.Done;
    }

    private static async Task<JsonElement> ScaleAsync(Session session, Request request)
    {
        var name = SafeText.Escape(request.Service!);
        var json = await session.ActionAsync(request, part =>
        {
            var progress = WireJson.Read(part, WireJson.Default.ReadyProgressRecord);
            session.Progress.Ready(name, progress.Ready, progress.Target);
        });
        var result = WireJson.Read(json, WireJson.Default.ScaleRecord);
        if (!session.Invocation.Json)
        {
            session.Terminal.WriteLine(Line(name, result));
        }

        return json;
    }

    private static string Line(string name, ScaleRecord result)
    {
        var change = result.From == result.To ? $"{result.To}, unchanged" : $"{result.From} -> {result.To}";
        var outcome = result.To == 0 ? "stopped" : "all ready";
        var until = result.To == result.Configured ? "" : $" (temporary; the configuration says {result.Configured})";
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {change}, {outcome} in {Durations.Exact(result.DurationMs)}{until}");
    }

    private static async Task ConfirmAsync(Session session, IReadOnlyList<Request> requests)
    {
        var stopped = requests.Where(r => r.Do == "stop" || r.Workers == 0).Select(r => new Target(r.Service!, null)).ToList();
        if (stopped.Count > 0 && !session.Invocation.Yes)
        {
            var (status, _) = await session.StatusAsync(usage: false);
            var names = stopped.Select(target => $"{target.In(status)} ({target.FindIn(status).Workers.OrNone().Count(w => w.Pid is not null)} running)");
            await session.ConfirmAsync($"Stop all workers of {string.Join(", ", names)}?");
        }
    }

    private static KeyValuePair<string, int>[]? ParseCounts(ArgumentResult result)
    {
        var counts = new List<KeyValuePair<string, int>>();
        foreach (var text in result.Tokens.Select(t => t.Value))
        {
            var equals = text.LastIndexOf('=');
            if (equals <= 0
                || !int.TryParse(text.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var workers)
                || workers > MaxWorkers)
            {
                result.AddError($"'{SafeText.Escape(text)}' is not a service with a number of workers from 0 to {MaxWorkers}, such as polling=4.");
                return null;
            }

            counts.Add(new(text[..equals], workers));
        }

        return [.. counts];
    }
}
