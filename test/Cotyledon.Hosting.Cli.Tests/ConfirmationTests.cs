namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>Actions that end or delete something ask first.</summary>
internal sealed class ConfirmationTests
{
    public static readonly string[] Commands = ["kill polling/0", "stop polling", "scale polling=0", "shutdown", "queue delete samples --all"];

    private readonly ToolBench _bench = new();

    [TearDown]
    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [TestCaseSource(nameof(Commands))]
    public async Task Without_a_terminal_yes_must_be_given(string command)
    {
        var program = Samples.Script(_bench.Start());
        var result = await _bench.RunAsync(command.Split(' '));

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("--yes"));
        Assert.That(program.Requests.All(IsQuestion));
    }

    [TestCaseSource(nameof(Commands))]
    public async Task Only_yes_is_yes(string command)
    {
        var program = Samples.Script(_bench.Start());
        foreach (var answer in (string[])["", "n\n", "\n", "yess\n"])
        {
            _bench.Input = answer;
            var result = await _bench.RunAsync(command.Split(' '));
            Assert.That(result.ExitCode, Is.EqualTo(1));
            Assert.That(result.Output, Is.Empty);
            Assert.That(result.Error, Does.Contain("? [y/N] ").And.Contain("Nothing was done."));
        }

        Assert.That(program.Requests.All(IsQuestion));
    }

    [Test]
    public async Task Kill_sends_the_incarnation_that_was_shown()
    {
        var program = Samples.Script(_bench.Start());
        _bench.Input = "y\n";
        var result = await _bench.RunAsync("kill", "polling/0");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Does.Contain("Kill polling/0, pid 4720, incarnation 1?"));
        Assert.That(program.Requests.Last(), Is.EqualTo("""{"do":"kill","service":"polling","worker":0,"incarnation":1}"""));
    }

    [Test]
    public async Task Kill_of_a_worker_without_a_process_sends_nothing()
    {
        var program = Samples.Script(_bench.Start());
        Assert.That((await _bench.RunAsync("kill", "polling/1", "--yes")).ExitCode, Is.EqualTo(1));
        Assert.That(program.Requests.All(IsQuestion));
    }

    [Test]
    public async Task Deletion_of_named_items_does_not_ask()
    {
        var program = Samples.Script(_bench.Start());
        Assert.That((await _bench.RunAsync("queue", "delete", "samples", "17", "18")).ExitCode, Is.Zero);
        Assert.That(program.Requests.Single(), Is.EqualTo("""{"do":"queue.delete","queue":"samples","ids":[17,18]}"""));
    }

    private static bool IsQuestion(string request) => request.Contains("\"status\"", StringComparison.Ordinal) || request.Contains("\"queues\"", StringComparison.Ordinal);
}
