using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Shows the events of workers, as they happen or those that the program keeps.</summary>
internal static class EventsCommand
{
    private const string SpareService = "(spare)";

    public static Command Create(Verb verb)
    {
        var target = Target.OptionalArgument("Show only the events of a service or a worker.");
        var follow = new Option<bool>("--follow", "-f") { Description = "Wait for new events until Ctrl+C." };
        var after = new Option<long?>("--after") { Description = "Begin after the event with this number; 0 for all that the program keeps.", HelpName = "NUMBER" };
        var command = new Command("events", "Show starts, exits and other events of workers.") { target, follow, after };
        verb.Run(command, async (parse, session) =>
        {
            var shown = parse.GetValue(target);
            if (shown is { Service: not SpareService })
            {
                // The program sends all events. Without this check, a wrong name would show none of them.
                shown = shown.In((await session.StatusAsync(usage: false)).Status);
            }

            var stream = new EventStream(session, shown);
            return parse.GetValue(follow)
                ? await stream.FollowAsync(parse.GetValue(after))
                : await stream.ListAsync(parse.GetValue(after) ?? 0);
        });
        return command;
    }
}

/// <summary>Writes events.</summary>
internal sealed class EventStream(Session session, Target? target)
{
    /// <summary>Writes the events that the program keeps.</summary>
    public async Task<int> ListAsync(long after)
    {
        var events = new List<JsonElement>();
        await session.QuestionAsync(new Request("events") { After = after, Follow = false }, part =>
        {
            if (session.Invocation.Json)
            {
                events.AddRange(Included(part) ? [part] : []);
            }
            else
            {
                Write(part);
            }
        });
        session.Terminal.WriteLines(session.Invocation.Json ? [JsonOutput.List("events", events)] : []);
        return ExitCodes.Done;
    }

    /// <summary>Writes each event when it arrives.</summary>
    public async Task<int> FollowAsync(long? after)
    {
        await session.FollowAsync(new Request("events") { After = after, Follow = true }, Write);
        return ExitCodes.Done;
    }

    private void Write(JsonElement part)
    {
        if (Included(part))
        {
            session.Terminal.WriteLine(session.Invocation.Json ? JsonOutput.Of(part) : Line(WireJson.Read(part, WireJson.Default.EventPartRecord)));
        }
    }

    private bool Included(JsonElement part) => WireJson.Read(part, WireJson.Default.EventPartRecord) switch
    {
        { Event: { } e } => target?.Includes(e.Service, e.Worker) ?? true,
        { Gap: not null } => true,
        _ => false,
    };

    private string Line(EventPartRecord part)
    {
        if (part.Event is not { } e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"(events {part.Gap!.From} to {part.Gap.To} are not kept any more)");
        }

        var name = e.Worker is { } worker ? WorkerText.Name(e.Service, worker) : SafeText.OrDash(e.Service);
        var incarnation = e.Incarnation > 0 ? string.Create(CultureInfo.InvariantCulture, $"#{e.Incarnation}") : "";
        var exit = e.Exit is null ? "" : " " + WorkerText.Exit(e.Exit);
        return $"{session.Clock.Of(e.Time, "HH:mm:ss.fff")} {name}{incarnation} {WorkerText.ProcessId(e.Pid)} {WorkerText.Words(e.Kind)}{exit}";
    }
}
