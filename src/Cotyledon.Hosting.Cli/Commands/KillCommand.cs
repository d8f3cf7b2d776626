using System.CommandLine;
using System.Globalization;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Kills a worker: the incarnation that the operator has seen, never its successor.</summary>
internal static class KillCommand
{
    public static Command Create(Verb verb)
    {
        var argument = Target.WorkerArgument("The worker to kill.");
        var incarnation = new Option<long?>("--incarnation") { Description = "Kill only this incarnation. The default is the present one.", HelpName = "N" };
        var command = new Command("kill", "Send SIGKILL to a worker. The program starts it again.") { argument, incarnation };
        verb.Run(command, (parse, session) => RunAsync(session, parse.GetValue(argument)!, parse.GetValue(incarnation)));
        return command;
    }

    private static async Task<int> RunAsync(Session session, Target target, long? incarnation)
    {
        if (incarnation is null)
        {
            var (status, _) = await session.StatusAsync(usage: false);
            target = target.In(status);
            var worker = target.FindWorkerIn(status);
            if (worker.Pid is null)
            {
                throw new ToolException(ExitCodes.Failed, $"{target} has no process: it is {WorkerText.Words(worker.State)}.");
            }

            incarnation = worker.Incarnation;
            await session.ConfirmAsync(string.Create(CultureInfo.InvariantCulture, $"Kill {target}, pid {worker.Pid}, incarnation {incarnation}?"));
        }
        else
        {
            await session.ConfirmAsync(string.Create(CultureInfo.InvariantCulture, $"Kill {target}, incarnation {incarnation}?"));
        }

        var request = new Request("kill") { Service = target.Service, Worker = target.Worker, Incarnation = incarnation };
        var json = await session.QuestionAsync(request);
        var result = WireJson.Read(json, WireJson.Default.KillRecord);
        session.Terminal.WriteLine(
            session.Invocation.Json
                ? JsonOutput.Of(json)
                : string.Create(CultureInfo.InvariantCulture, $"{target} killed: pid {WorkerText.ProcessId(result.Pid)}, incarnation {result.Incarnation}"));
        return ExitCodes.Done;
    }
}
