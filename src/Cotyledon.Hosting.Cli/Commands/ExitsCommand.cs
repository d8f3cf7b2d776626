using System.CommandLine;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Lists the last exits of workers.</summary>
internal static class ExitsCommand
{
    private static readonly string[] Headers = ["TIME", "WORKER", "INC", "PID", "EXIT", "RAN", "NEXT START", "MESSAGE"];

    public static Command Create(Verb verb)
    {
        var target = Target.OptionalArgument("Show only the exits of a service or a worker.");
        var max = new Option<int>("--max", "-n") { Description = "The largest number of exits. The program keeps 64.", HelpName = "N", DefaultValueFactory = _ => 64 };
        var command = new Command("exits", "List the last exits of workers, newest first.") { target, max };
        verb.Run(command, async (parse, session) =>
        {
            var of = parse.GetValue(target);
            var json = await session.QuestionAsync(new Request("exits") { Max = parse.GetValue(max), Service = of?.Service, Worker = of?.Worker });
            var exits = WireJson.Read(json, WireJson.Default.ExitsRecord).Exits.OrNone();
            session.Terminal.WriteLines(session.Invocation.Json ? [JsonOutput.Of(json)] : Table(exits, session).Lines(session.Terminal.Style));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Table Table(IEnumerable<ExitRecord> exits, Session session)
    {
        var table = new Table(Headers);
        foreach (var exit in exits)
        {
            table.Add(
                session.Clock.Of(exit.Time),
                WorkerText.Name(exit.Service, exit.Worker),
                exit.Incarnation,
                WorkerText.ProcessId(exit.Pid),
                WorkerText.Exit(exit),
                Durations.Exact(exit.UptimeMs),
                exit.NextStartMs switch
                {
                    null => "-",
                    <= 0 => "at once",
                    { } delay => $"after {Durations.Exact(delay)}",
                },
                SafeText.OrDash(exit.Message));
        }

        return table;
    }
}
