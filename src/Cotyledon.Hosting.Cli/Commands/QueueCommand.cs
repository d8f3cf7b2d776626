using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Lists queues, and retries or deletes items that have failed too often.</summary>
internal static class QueueCommand
{
    private const int BodyWidth = 120;

    /// <summary>The largest number of ids in a request, which may have 64 KiB.</summary>
    private const int MaxIds = 1000;

    private static readonly string[] QueueHeaders = ["QUEUE", "STORE", "WAITING", "TAKEN", "COMPLETED", "REDELIVERED", "DEAD"];
    private static readonly string[] ItemHeaders = ["ID", "ATTEMPTS", "BYTES", "BODY"];

    public static Command Create(Verb verb) => new("queue", "List queues; show, retry or delete dead items.")
    {
        List(verb), Dead(verb), Settle(verb, "retry", "Put dead items back into the queue.", "retried"), Settle(verb, "delete", "Delete dead items.", "deleted"),
    };

    private static Argument<string> Queue() => new("queue") { HelpName = "QUEUE", Description = "The name of the queue." };

    private static Command List(Verb verb)
    {
        var command = new Command("ls", "List the queues.");
        verb.Run(command, async (_, session) =>
        {
            var json = await session.QuestionAsync(new Request("queues"));
            var table = new Table(QueueHeaders);
            foreach (var queue in WireJson.Read(json, WireJson.Default.QueuesRecord).Queues.OrNone())
            {
                table.Add(
                    queue.Error is null
                        ? [SafeText.OrDash(queue.Name), SafeText.OrDash(queue.Store), queue.Waiting, queue.Taken, queue.Completed, queue.Redelivered, new Cell(Number(queue.Dead), queue.Dead > 0 ? Tone.Bad : Tone.Plain)]
                        : [SafeText.OrDash(queue.Name), SafeText.OrDash(queue.Store), "-", "-", "-", "-", new Cell($"- ({SafeText.Escape(queue.Error)})", Tone.Bad)]);
            }

            session.Terminal.WriteLines(session.Invocation.Json ? [JsonOutput.Of(json)] : table.Lines(session.Terminal.Style));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Dead(Verb verb)
    {
        var queue = Queue();
        var max = new Option<int>("--max", "-n") { Description = "The largest number of items.", HelpName = "N", DefaultValueFactory = _ => 20 };
        var command = new Command("dead", "Show the items that have failed too often, with the first 4 KiB of their bodies.") { queue, max };
        verb.Run(command, async (parse, session) =>
        {
            var json = await session.QuestionAsync(new Request("queue.dead") { Queue = parse.GetValue(queue), Max = parse.GetValue(max) });
            var table = new Table(ItemHeaders);
            foreach (var item in WireJson.Read(json, WireJson.Default.DeadItemsRecord).Items.OrNone())
            {
                // The whole text is in the JSON.
                table.Add(item.Id, item.Attempts, item.Bytes, SafeText.Cut(SafeText.OrDash(item.Text ?? (item.Base64 is null ? null : $"base64:{item.Base64}")), BodyWidth));
            }

            session.Terminal.WriteLines(session.Invocation.Json ? [JsonOutput.Of(json)] : table.Lines(session.Terminal.Style));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Settle(Verb verb, string name, string description, string done)
    {
        var queue = Queue();
        var ids = new Argument<long[]>("ids") { HelpName = "ID", Description = "The numbers of items, as 'queue dead' shows them.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All dead items." };
        var command = new Command(name, description) { queue, ids, all };
        command.Validators.Add(result =>
        {
            var hasIds = result.GetResult(ids) is { Tokens.Count: > 0 };
            if (hasIds == (result.GetResult(all) is { Implicit: false }))
            {
                result.AddError("Name the ids of dead items, or --all.");
            }
        });
        verb.Run(command, async (parse, session) =>
        {
            var (of, items) = (parse.GetValue(queue)!, parse.GetValue(ids)!);
            if (items.Length == 0 && name == "delete")
            {
                // The connection must have had a request before it waits for the operator.
                _ = await session.QuestionAsync(new Request("queues"));
                await session.ConfirmAsync($"Delete all dead items of {SafeText.Escape(of)}?");
            }

            IReadOnlyList<Request> requests = items.Length > 0
                ? [.. items.Chunk(MaxIds).Select(part => new Request($"queue.{name}") { Queue = of, Ids = part })]
                : [new Request($"queue.{name}") { Queue = of, All = true }];
            var count = 0;
            JsonElement json = default;
            try
            {
                foreach (var request in requests)
                {
                    json = await session.ActionAsync(request, _ => { });
                    count += WireJson.Read(json, WireJson.Default.CountRecord).Count;
                }
            }
            catch when (count > 0)
            {
                session.Terminal.WriteError($"{SafeText.Escape(of)}: {Number(count)} {done} before the failure.");
                throw;
            }

            if (requests.Count > 1)
            {
                json = JsonSerializer.SerializeToElement(new CountRecord(count), WireJson.Default.CountRecord);
            }

            var missing = items.Length > count ? $"; {Number(items.Length - count)} not found" : "";
            session.Terminal.WriteLine(session.Invocation.Json ? JsonOutput.Of(json) : $"{SafeText.Escape(of)}: {Number(count)} {done}{missing}");
            return missing.Length > 0 ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
