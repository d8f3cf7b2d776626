using System.Text.Json;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>Standard output with <c>--json</c> is JSON and nothing else.</summary>
internal sealed class JsonTests
{
    [TestCase("ps", "services")]
    [TestCase("describe", "overview")]
    [TestCase("describe polling", "workers")]
    [TestCase("describe polling/1", "state")]
    [TestCase("scale polling=4 mailer=4", "results")]
    [TestCase("reset polling", "results")]
    [TestCase("start polling", "results")]
    [TestCase("stop polling --yes", "results")]
    [TestCase("restart polling", "outcome")]
    [TestCase("reload", "outcome")]
    [TestCase("kill polling/0 --yes", "killed")]
    [TestCase("events", "events")]
    [TestCase("exits", "exits")]
    [TestCase("queue ls", "queues")]
    [TestCase("queue dead samples", "items")]
    [TestCase("queue retry samples 17 18", "count")]
    [TestCase("queue delete samples --all --yes", "count")]
    [TestCase("logs", "lines")]
    [TestCase("completion bash", "lines")]
    public async Task Json_is_one_document_on_one_line(string command, string field)
    {
        await using var bench = new ToolBench { HasOutputTerminal = true };
        Samples.Script(bench.Start());
        var result = await bench.RunAsync([.. command.Split(' '), "--json"]);

        Assert.That(result.Output.Count(c => c == '\n'), Is.EqualTo(1), result.Output);
        Assert.That(result.Output.All(c => c is '\n' or (>= ' ' and < '\x7f')), "only printable ASCII");
        Assert.That(result.Error, Is.Empty);
        Assert.That(result.ExitCode, Is.Zero);
        using var document = JsonDocument.Parse(result.Output);
        Assert.That(document.RootElement.TryGetProperty(field, out _), result.Output);
    }

    [Test]
    public async Task Followed_events_are_one_object_per_line()
    {
        await using var bench = new ToolBench();
        Samples.Script(bench.Start());
        var result = await bench.RunAsync("events", "--follow", "--json");
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(lines, Has.Length.EqualTo(4));
        Assert.That(lines.Select(line => JsonDocument.Parse(line).RootElement.EnumerateObject().Single().Name), Is.EqualTo((string[])["gap", "event", "event", "event"]));
    }

    [Test]
    public async Task Ids_that_do_not_fit_into_a_request_are_sent_in_parts_and_the_counts_are_added()
    {
        await using var bench = new ToolBench();
        var program = bench.Start().On("queue.retry", "\"result\":{\"count\":1000}");
        var result = await bench.RunAsync(["queue", "retry", "samples", .. Enumerable.Range(1, 2000).Select(id => $"{id}"), "--json"]);

        Assert.That(result.Output, Is.EqualTo("{\"count\":2000}\n"), result.Error);
        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(program.Requests, Has.Exactly(2).Items);
    }

    [Test]
    public async Task Fields_that_the_tool_does_not_know_are_kept()
    {
        await using var bench = new ToolBench();
        bench.Start().On("status", "\"result\":{\"overview\":{\"new\":[1,{\"x\":null}]},\"other\":\"\\u001b\"}");
        using var document = JsonDocument.Parse((await bench.RunAsync("ps", "--json")).Output);

        Assert.That(document.RootElement.GetProperty("overview").GetProperty("new").GetArrayLength(), Is.EqualTo(2));
        Assert.That(document.RootElement.GetProperty("other").GetString(), Is.EqualTo("\e"));
    }

    [Test]
    public async Task An_element_of_a_list_is_found_beside_others_that_are_null()
    {
        await using var bench = new ToolBench();
        bench.Start().On("status", "\"result\":{\"services\":[null,{},{\"name\":\"polling\",\"workers\":[null,{\"id\":1},{\"state\":\"Ready\"}]}]}");
        Assert.That((await bench.RunAsync("describe", "polling/0", "--json")).Output, Is.EqualTo("{\"state\":\"Ready\"}\n"));
    }

    [TestCase("ps --app Other", 3)]
    [TestCase("reload --timeout x", 2)]
    [TestCase("queue ls", 2)]
    public async Task Errors_go_to_standard_error(string command, int exitCode)
    {
        await using var bench = new ToolBench();
        bench.Start();
        var result = await bench.RunAsync([.. command.Split(' '), "--json"]);

        Assert.That(result.ExitCode, Is.EqualTo(exitCode));
        Assert.That(result.Output, Is.Empty);
        Assert.That(result.Error, Does.StartWith("error: "));
    }

    [Test]
    public async Task Results_before_a_failure_are_written()
    {
        await using var bench = new ToolBench();
        bench.Start()
            .On("scale", "\"error\":{\"code\":\"notFound\",\"message\":\"There is no service 'x'.\"}");
        var result = await bench.RunAsync("scale", "x=1", "y=2", "z=3", "--json");

        Assert.That(result.ExitCode, Is.EqualTo(ExitCodes.Usage));
        Assert.That(result.Output, Is.EqualTo("{\"results\":[]}\n"));
        Assert.That(result.Error, Is.EqualTo("error: There is no service 'x'. These services were not changed: y, z.\n"));
    }
}
