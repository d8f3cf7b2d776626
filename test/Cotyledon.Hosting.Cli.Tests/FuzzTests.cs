using System.Text.Json;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>Whatever a program sends, the tool ends with one of its exit codes, and writes no control characters.</summary>
internal sealed class FuzzTests
{
    private static readonly int[] KnownExitCodes = [0, 1, 2, 3, 4, 5, 6];

    private static readonly string[] Commands =
    [
        "ps", "describe", "describe polling", "describe polling/1", "scale polling=4", "restart polling", "reload", "kill polling/0 --yes", "events",
        "exits", "queue ls", "queue dead samples", "queue retry samples 17",
    ];

    private static readonly string[] Pieces =
    [
        "null", "[]", "{}", "-1", "1e308", "99999999999999999999", "true", "\"\\u001b]52;c;x\\u0007\"", "\"\\ud800\"", "\"\\u202e\"", "[null]", "[[[[]]]]",
        "\"9999-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00Z\"", "\"\"", ",", "}", "\"", "\\", "\e[2J", "\u0085",
    ];

    [TestCaseSource(nameof(Commands)), Category("Long")]
    public async Task Changed_answers_do_no_harm(string command)
    {
        var random = new Random(command.Length);
        await using var bench = new ToolBench();
        var program = Samples.Script(bench.Start());
        var status = $"\"result\":{Samples.Status}";
        var verb = command.Split(' ')[0] is "ps" or "describe" ? "status" : command.StartsWith("queue", StringComparison.Ordinal) ? Queue(command) : command.Split(' ')[0];
        var answers = program.ScriptOf(verb);
        for (var round = 0; round < 150; round++)
        {
            var changed = answers.Select(answer => random.Next(2) == 0 ? answer : Change(random, answer)).ToArray();
            program.On("status", status).On(verb, [.. changed, "close"]);
            foreach (var json in (bool[])[false, true])
            {
                var result = await bench.RunAsync([.. command.Split(' '), "--timeout", "1m", .. json ? ["--json"] : Array.Empty<string>()]);
                var context = $"{string.Join('\n', changed)}\n---\n{result.Output}\n---\n{result.Error}";
                Assert.That(KnownExitCodes, Does.Contain(result.ExitCode), context);
                Assert.That((result.Output + result.Error).Any(c => char.IsControl(c) && c != '\n'), Is.False, context);
                if (json && result.Output.Length > 0)
                {
                    Assert.That(() => JsonDocument.Parse(result.Output), Throws.Nothing, context);
                }
            }
        }
    }

    [Test]
    public async Task Many_workers_are_shown()
    {
        await using var bench = new ToolBench();
        var workers = Enumerable.Range(0, 10_000).Select(id => $$"""{"id":{{id}},"state":"Ready","pid":{{id + 1}},"incarnation":1}""");
        bench.Start().On("status", $"\"result\":{Samples.StatusOf(Samples.Overview, [$$"""{"name":"many","workers":[{{string.Join(',', workers)}}]}"""])}");
        Assert.That((await bench.RunAsync("ps")).Output.Split('\n'), Has.Length.GreaterThan(10_000));
    }

    private static string Queue(string command) => command.Split(' ')[1] == "ls" ? "queues" : $"queue.{command.Split(' ')[1]}";

    /// <summary>Replaces a value, or damages the text somewhere.</summary>
    private static string Change(Random random, string answer)
    {
        var piece = Pieces[random.Next(Pieces.Length)];
        var colons = Enumerable.Range(0, answer.Length).Where(i => answer[i] == ':').ToList();
        if (random.Next(4) > 0 && colons.Count > 0)
        {
            var start = colons[random.Next(colons.Count)] + 1;
            var end = answer.IndexOfAny([',', '}', ']'], start);
            return end < 0 ? answer : answer[..start] + piece + answer[end..];
        }

        var at = random.Next(answer.Length);
        return answer[..at] + piece + answer[Math.Min(answer.Length, at + random.Next(3))..];
    }
}
