namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>The exit codes, and the errors that come with them.</summary>
internal sealed class ExitCodeTests
{
    private readonly ToolBench _bench = new();

    [TearDown]
    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [TestCase("")]
    [TestCase("unknown")]
    [TestCase("ps --unknown")]
    [TestCase("ps --timeout 0")]
    [TestCase("ps --timeout never")]
    [TestCase("ps --timeout infinite")]
    [TestCase("scale")]
    [TestCase("scale polling")]
    [TestCase("scale polling=-1")]
    [TestCase("scale polling=10001")]
    [TestCase("scale =1")]
    [TestCase("kill polling")]
    [TestCase("queue retry samples")]
    [TestCase("queue retry samples 1 --all")]
    [TestCase("queue retry samples x")]
    [TestCase("shutdown --exit-code 256")]
    [TestCase("completion tcsh")]
    [TestCase("top")]
    public async Task Wrong_command_lines_give_2(string command)
    {
        Samples.Script(_bench.Start());
        var result = await _bench.RunAsync(command.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.That(result.ExitCode, Is.EqualTo(2), result.Output + result.Error);
        Assert.That(_bench.Start("Other").Requests, Is.Empty);
    }

    [TestCase("unknown", "cotyledon --help")]
    [TestCase("ps --unknown", "cotyledon ps --help")]
    [TestCase("queue dead", "cotyledon queue dead --help")]
    public async Task Wrong_command_lines_name_the_help_of_their_command(string command, string help) =>
        Assert.That((await _bench.RunAsync(command.Split(' '))).Error, Does.EndWith($"\nSee: {help}\n"));

    [Test]
    public async Task Nothing_runs_gives_3()
    {
        Assert.That((await _bench.RunAsync("ps")).ExitCode, Is.EqualTo(3));
        _bench.Start();
        Assert.That((await _bench.RunAsync("ps", "-a", "Other")).ExitCode, Is.EqualTo(3));
        Assert.That((await _bench.RunAsync("ps", "-a", "1")).ExitCode, Is.EqualTo(3));
        Assert.That((await _bench.RunAsync("ps", "-a", Path.Combine(_bench.Sockets, "x.sock"))).ExitCode, Is.EqualTo(3));
    }

    [Test]
    public async Task Files_of_programs_that_have_ended_are_ignored()
    {
        await File.WriteAllTextAsync(Path.Combine(_bench.Sockets, "Telemetry.1.sock"), "");
        Samples.Script(_bench.Start());
        Assert.That((await _bench.RunAsync("ps")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Several_programs_are_listed_and_give_2_until_one_is_chosen()
    {
        var first = Samples.Script(_bench.Start());
        var second = Samples.Script(_bench.Start());
        second.FirstLine = FakeProgram.Greeting.Replace("4711", "4712", StringComparison.Ordinal);
        var result = await _bench.RunAsync("ps");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Output, Is.Empty);
        Assert.That(result.Error.Split('\n'), Has.Exactly(2).StartsWith("  Telemetry  pid "));
        Assert.That((await _bench.RunAsync("ps", "-a", "telemetry")).ExitCode, Is.EqualTo(2), "the name is that of both");
        Assert.That((await _bench.RunAsync("ps", "-a", "4712")).ExitCode, Is.Zero);
        Assert.That((await _bench.RunAsync("ps", "-a", first.Path)).ExitCode, Is.Zero);
    }

    [TestCase("ps")]
    [TestCase("shutdown --yes -a Telemetry")]
    public async Task A_program_without_a_free_connection_is_one_of_several_that_match(string command)
    {
        _bench.Start().FirstLine = Refusal("failed");
        var second = Samples.Script(_bench.Start());
        var result = await _bench.RunAsync(command.Split(' '));

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error.Split('\n'), Has.Exactly(2).StartsWith("  Telemetry  pid "));
        Assert.That(result.Error.Split('\n'), Has.Exactly(1).EndsWith("  no free connection"));
        Assert.That(second.Requests, Is.Empty);
    }

    [TestCase("{}")]
    [TestCase("{\"error\":{}}")]
    [TestCase("HTTP/1.1 400 Bad Request")]
    public async Task A_socket_with_another_greeting_is_not_one_of_several_that_match(string greeting)
    {
        _bench.Start().FirstLine = greeting;
        Samples.Script(_bench.Start());
        Assert.That((await _bench.RunAsync("ps")).ExitCode, Is.Zero);
    }

    [TestCase("events nosuch")]
    [TestCase("events nosuch --follow")]
    [TestCase("describe nosuch/1")]
    [TestCase("kill nosuch/1 --yes")]
    [TestCase("scale nosuch=0")]
    public async Task Unknown_services_give_2_and_the_names_of_all(string command)
    {
        Samples.Script(_bench.Start());
        var result = await _bench.RunAsync(command.Split(' '));
        Assert.That(result.ExitCode, Is.EqualTo(2), result.Output + result.Error);
        Assert.That(result.Error, Does.Contain("There is no service 'nosuch'").And.Contain("polling"));
    }

    [TestCase("events POLLING/1", "polling/1")]
    [TestCase("describe POLLING", "polling")]
    [TestCase("describe POLLING --json", "\"polling\"")]
    [TestCase("describe Polling/1 --json", "\"state\"")]
    [TestCase("kill POLLING/0 --yes", "polling/0 killed")]
    public async Task Letter_case_of_a_service_does_not_matter(string command, string expected)
    {
        Samples.Script(_bench.Start());
        var result = await _bench.RunAsync(command.Split(' '));
        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
        Assert.That(result.Output, Does.Contain(expected));
    }

    [TestCase("usage", 2)]
    [TestCase("notFound", 2)]
    [TestCase("denied", 4)]
    [TestCase("protocol", 6)]
    [TestCase("conflict", 1)]
    [TestCase("failed", 1)]
    [TestCase("newer code", 1)]
    public async Task Errors_of_the_program_have_a_code_each(string code, int exitCode)
    {
        _bench.Start().On("reload", $"\"error\":{{\"code\":\"{code}\",\"message\":\"It says\\n why.\"}}");
        var result = await _bench.RunAsync("reload");

        Assert.That(result.ExitCode, Is.EqualTo(exitCode));
        Assert.That(result.Error, Is.EqualTo("error: It says\\n why.\n"));
    }

    [Test]
    public async Task An_error_of_a_program_that_could_not_read_the_id_of_the_request_is_shown()
    {
        _bench.Start().On("reload", """{"error":{"code":"usage","message":"A request may have 65536 bytes at most."}}""");
        var result = await _bench.RunAsync("reload");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Is.EqualTo("error: A request may have 65536 bytes at most.\n"));
    }

    [TestCase(2, "newer")]
    [TestCase(0, "older")]
    public async Task Another_protocol_gives_6_and_the_version_that_is_needed(int protocol, string relation)
    {
        _bench.Start().FirstLine = $$"""{"protocol":{{protocol}},"app":"Telemetry","library":"0.9.3","pid":4711}""";
        var result = await _bench.RunAsync("ps");

        Assert.That(result.ExitCode, Is.EqualTo(6));
        Assert.That(result.Error, Does.Contain(relation).And.Contain("--version 0.9.3"));
    }

    [Test]
    public async Task A_program_that_does_not_greet_gives_124()
    {
        _bench.Start().FirstLine = null;
        var result = await _bench.RunAsync("ps", "--timeout", "200ms");

        Assert.That(result.ExitCode, Is.EqualTo(124));
        Assert.That(result.Error, Does.Contain($"Telemetry (pid {Environment.ProcessId}) did not answer within 200ms"));
    }

    [Test]
    public async Task A_program_that_does_not_answer_does_not_delay_the_questions_to_another()
    {
        _bench.Start("Silent").FirstLine = null;
        Samples.Script(_bench.Start());
        Assert.That((await _bench.RunAsync("ps", "-a", "Telemetry", "--timeout", "1h")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task A_silent_program_does_not_match_a_longer_name()
    {
        _bench.Start().FirstLine = null;
        Assert.That((await _bench.RunAsync("ps", "-a", "Telemetry.Worker", "--timeout", "200ms")).ExitCode, Is.EqualTo(3));
        var worker = Samples.Script(_bench.Start("Telemetry.Worker"));
        worker.FirstLine = FakeProgram.Greeting.Replace("Telemetry", "Telemetry.Worker", StringComparison.Ordinal);
        Assert.That((await _bench.RunAsync("ps", "-a", "Telemetry.Worker", "--timeout", "1h")).ExitCode, Is.Zero);
    }

    [TestCase("ps")]
    [TestCase("reload")]
    public async Task A_missing_result_gives_124_after_the_timeout(string verb)
    {
        _bench.Start().On("status", "wait").On("reload", "wait");
        Assert.That((await _bench.RunAsync(verb, "--timeout", "0.2")).ExitCode, Is.EqualTo(124));
    }

    [Test]
    public async Task Ctrl_c_ends_the_waiting_and_gives_130()
    {
        var program = _bench.Start().On("reload", "\"progress\":{\"done\":1,\"total\":2}", "wait");
        using var interrupt = new CancellationTokenSource();
        var run = _bench.RunAsync(["reload"], interrupt.Token);
        while (!program.Requests.Any())
        {
            await Task.WhenAny(run, Task.Delay(10));
        }

        await interrupt.CancelAsync();
        var result = await run;
        Assert.That(result.ExitCode, Is.EqualTo(130));
        Assert.That(result.Error, Does.Contain("continues with 'reload'"));
    }

    [TestCase("close")]
    [TestCase("{\"id\":99,\"result\":{}}")]
    [TestCase("not JSON")]
    [TestCase("\"nothing\":1")]
    [TestCase("\"result\":1")]
    [TestCase("\"result\":{\"outcome\":1}")]
    public async Task Answers_that_are_no_result_are_errors(string line)
    {
        _bench.Start().On("reload", line);
        var result = await _bench.RunAsync("reload");

        Assert.That(result.ExitCode, Is.EqualTo(line == "close" ? 3 : 1));
        Assert.That(result.Error, Does.StartWith("error: The program "));
        Assert.That(result.Error.Split('\n'), Has.Length.EqualTo(2));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("HTTP/1.1 400 Bad Request")]
    public async Task Another_greeting_is_an_error(string greeting)
    {
        _bench.Start().FirstLine = greeting;
        Assert.That((await _bench.RunAsync("ps")).ExitCode, Is.EqualTo(1));
    }

    [TestCase("denied", 4, "belongs to another user")]
    [TestCase("failed", 1, "8 connections are open already")]
    public async Task A_refused_connection_has_the_reason(string code, int exitCode, string error)
    {
        _bench.Start().FirstLine = Refusal(code);
        var result = await _bench.RunAsync("ps");
        Assert.That(result.ExitCode, Is.EqualTo(exitCode));
        Assert.That(result.Error, Does.Contain(error));
    }

    [TestCase("Healthy", "Running", 0)]
    [TestCase("Degraded", "Running", 1)]
    [TestCase("Unhealthy", "Running", 1)]
    [TestCase("Healthy", "Stopping", 1)]
    public async Task Check_option_sets_the_exit_code_by_health(string health, string phase, int exitCode)
    {
        _bench.Start().On("status", $$"""{"id":1,"result":{"overview":{"health":"{{health}}","phase":"{{phase}}"} } }""");
        Assert.That((await _bench.RunAsync("ps", "--check")).ExitCode, Is.EqualTo(exitCode));
        Assert.That((await _bench.RunAsync("ps")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Shutdown_waits_for_the_end_of_the_connection()
    {
        var program = Samples.Script(_bench.Start()).On("shutdown", "\"result\":{}", "wait");
        var result = await _bench.RunAsync("shutdown", "--yes", "--timeout", "5s");

        Assert.That(result.ExitCode, Is.EqualTo(124));
        Assert.That(result.Error, Does.Contain("is still stopping after 5s"));
        Assert.That(program.Requests.Last(), Is.EqualTo("""{"do":"shutdown"}"""));
    }

    private static string Refusal(string code) => $$$"""{"error":{"code":"{{{code}}}","message":"8 connections are open already; close one of them."}}""";
}
