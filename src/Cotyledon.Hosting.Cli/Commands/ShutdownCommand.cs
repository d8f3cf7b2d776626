using System.CommandLine;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Ends the program, and waits until its process is gone.</summary>
internal static class ShutdownCommand
{
    public static Command Create(Verb verb)
    {
        var exitCode = new Option<int?>("--exit-code") { Description = "The exit code of the program, from 0 to 255.", HelpName = "N" };
        exitCode.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 0 or > 255)
            {
                result.AddError("--exit-code must be a number from 0 to 255.");
            }
        });
        var command = new Command("shutdown", "Stop the program gracefully: all workers, and then the master.") { exitCode };
        verb.Run(command, (parse, session) => RunAsync(verb, session, parse.GetValue(exitCode)));
        return command;
    }

    private static async Task<int> RunAsync(Verb verb, Session session, int? exitCode)
    {
        var (status, _) = await session.StatusAsync(usage: false);
        await session.ConfirmAsync($"Stop {session.Program} with {status.Overview?.Processes ?? 0} processes?");
        var started = verb.Environment.Time.GetTimestamp();
        var json = "{}";
        try
        {
            json = JsonOutput.Of(await session.QuestionAsync(new Request("shutdown") { ExitCode = exitCode }));
        }
        catch (ConnectionEndedException)
        {
            // It has ended before its answer was sent.
        }

        await session.WaitForEndAsync();
        var elapsed = verb.Environment.Time.GetElapsedTime(started);
        session.Terminal.WriteLine(session.Invocation.Json ? json : $"{session.Program}  stopped in {Durations.Exact(elapsed.TotalMilliseconds)}");
        return ExitCodes.Done;
    }
}
