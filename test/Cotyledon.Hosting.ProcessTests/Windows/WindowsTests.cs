namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>Start, stop and exits.</summary>
[Category("Windows")]
public class WindowsTests
{
    private const int MaxRounds = 5;

    [Test]
    public async Task Workers_start_and_stop_on_request()
    {
        await using var app = Wine.Start("--urls", "x y", @"a\ ""b");
        await app.WaitForAllReadyAsync();
        await app.ShutDownAsync();

        var trace = app.Trace;
        Assert.That(trace.Count(t => t.Is("hook-terminate")), Is.EqualTo(1));
        Assert.That(trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
        Assert.That(trace.Count(t => t.Is("stop", "light")), Is.EqualTo(1));
        Assert.That(trace.Count(t => t.Is("end-worker")), Is.EqualTo(3));
        Assert.That(trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Has.Exactly(3).StartsWith("Stopped code=0"));
        Assert.That(
            trace.Where(t => t.What.StartsWith("main-", StringComparison.Ordinal)).Select(t => t.Detail).Distinct(),
            Is.EqualTo(new[] { @"--urls x y a\ ""b" }), "master and workers have the same arguments");
    }

    [Test]
    public async Task Twelve_programs_start_and_stop_one_after_the_other()
    {
        for (var cycle = 0; cycle < 12; cycle++)
        {
            await using var app = Wine.Start("--Heavy", "1");
            await app.WaitForReadyAsync("heavy", 0);
            await app.WaitForReadyAsync("light", 0);
            await app.ShutDownAsync();
        }
    }

    // The code after FailFast is another one on Windows than under Wine. Wine reports 0 for a process that the kernel of Linux has killed.
    [TestCase("throw@1 wait", "Faulted code=2 ")]
    [TestCase("exit:7@1 wait", "Exited code=7 ")]
    [TestCase("leave:9@1 wait", "Exited code=9 ")]
    [TestCase("failfast@1 wait", "Exited code=-")]
    [TestCase("wait", "Exited code=0 ")]
    public async Task Crashed_worker_is_replaced_and_its_exit_is_recorded(string script, string expected)
    {
        // Under Wine, the exit of a process sometimes hangs when Main has returned. The worker then ends itself at its graceful timeout, with the
        // same exit code.
        await using var app = Wine.Start(
            "--Heavy", "2", "--Light", "-1", "--Cotyledon:GracefulShutdownTimeout", "00:00:10", "--Script:heavy:Run", script);
        if (script == "wait")
        {
            app.Kill(await app.WaitForReadyAsync("heavy", 0));
        }

        var exit = await app.WaitForAsync("hook-dead", "heavy", 0, 1);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        await app.ShutDownAsync();
        Assert.That(exit.Detail, Does.StartWith(expected));
    }

    [Test]
    public async Task Last_lines_of_standard_error_are_in_the_exit_record_and_in_the_output_of_the_master()
    {
        await using var app = Wine.Start("--Heavy", "1", "--Light", "-1", "--Script:heavy:Run", "throw@1 wait");
        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 0, 1)).Detail, Does.Contain("heavy is about to fail"));
        await app.ShutDownAsync();
        Assert.That(app.Output, Does.Contain("heavy is about to fail"));
    }

    [Test]
    public async Task Flooded_output_that_is_read_slowly_delays_no_stop()
    {
        await using var app = Wine.Start("--Heavy", "1", "--Light", "-1", "--Script:heavy:Run", "print:1 wait");
        await app.WaitForAsync("act", "heavy");
        await app.UntilAsync(() => app.Trace.Count(t => t.Is("act", "heavy")) == 2, "the end of the output");
        await app.ShutDownAsync();
        Assert.That(app.StandardErrorLength, Is.GreaterThanOrEqualTo(1024 * 1024));
    }

    [Test]
    public async Task Exit_codes_tell_that_the_graceful_timeout_was_exceeded()
    {
        await using var app = Wine.Start(
            "--Heavy", "1", "--Script:heavy:Terminate", "hang", "--Cotyledon:GracefulShutdownTimeout", "00:00:01");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("light", 0);
        await app.ShutDownAsync(exitCode: 1);
        Assert.That(app.Trace.Single(t => t.Is("hook-dead", "heavy")).Detail, Does.StartWith("StopTimeout code=1 "));
        Assert.That(app.Trace.Single(t => t.Is("hook-dead", "light")).Detail, Does.StartWith("Stopped code=0 "));
    }

    [Test]
    public async Task Master_exits_with_3_when_a_service_is_given_up()
    {
        await using var app = Wine.Start(
            "--Heavy", "1", "--Light", "-1", "--Script:heavy:Constructor", "throw", "--Cotyledon:Services:heavy:MaxRestarts", "1",
            "--Cotyledon:Services:heavy:RestartBackoff", "00:00:00.01", "--Cotyledon:Services:heavy:OnGiveUp", "StopHost");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(3), app.Describe);
        await app.UntilGoneAsync();
    }

    [Test]
    public async Task Program_in_a_directory_with_spaces_and_letters_of_other_scripts_starts()
    {
        using var directory = new TemporaryDirectory();
        var copy = Path.Combine(directory.Path, "a ü日 b");
        Directory.CreateSymbolicLink(copy, Path.GetDirectoryName(Wine.Executable)!);
        await using var app = Wine.StartAs(
            Path.Combine(copy, Path.GetFileName(Wine.Executable)!),
            start => start.WorkingDirectory = Directory.CreateDirectory(Path.Combine(start.WorkingDirectory, "ü日 x")).FullName,
            "--Value", "ü日 x");
        await app.WaitForAllReadyAsync();
        await app.ShutDownAsync();
        Assert.That(app.Trace.Where(t => t.Is("init")).Select(t => t.Detail), Is.All.EqualTo("ü日 x"));
    }

    [Test]
    public async Task In_process_workers_run_in_the_master()
    {
        await using var app = Wine.Start("--Cotyledon:Mode", "InProcess");
        await app.WaitForAllReadyAsync();
        app.Command("restart heavy");
        await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        Assert.That(app.Trace.Select(t => t.ProcessId).Distinct().Count(), Is.EqualTo(1));
        await app.ShutDownAsync();
    }

    [Test]
    public async Task Names_of_environment_variables_are_compared_without_case()
    {
        await using var app = Wine.Start(
            start => start.Environment["Variable"] = "of the user",
            "--Heavy", "1", "--Cotyledon:Services:heavy:Environment:VARIABLE", "of the service");
        Assert.That((await app.WaitForAsync("init", "heavy")).Detail, Is.EqualTo("of the service"));
        Assert.That((await app.WaitForAsync("start", "light")).Detail, Is.EqualTo("of the user"));
        await app.ShutDownAsync();
    }

    [TestCase("19", "Idle")]
    [TestCase("5", "BelowNormal")]
    public async Task Nice_value_sets_the_priority_class(string nice, string expected)
    {
        await using var app = Wine.Start(
            "--Heavy", "1", "--Light", "-1", "--Cotyledon:Services:heavy:Nice", nice, "--Script:heavy:Run", "priority wait");
        Assert.That((await app.WaitForAsync("priority")).Detail, Is.EqualTo(expected));
        await app.ShutDownAsync();
    }

    /// <summary>
    /// These workers exit before they open their side channels. A leak would be two handles for each of ten workers, in each round. The program
    /// can tell its highest handle only, which one handle from a moment with many keeps high. So the number must come back to the lowest one of
    /// the rounds before. A leak of one handle for each start adds ten in each round.
    /// </summary>
    [Test]
    public async Task Handles_of_the_master_do_not_grow_with_failed_starts()
    {
        await using var app = Wine.Start(
            "--Heavy", "-1", "--Light", "-1", "--Consumers", "1", "--Log=forward", "--Writers", "0", "--WorkerHostFails", "true",
            "--Cotyledon:Services:consumer:RestartBackoff", "00:00:00.01", "--Cotyledon:Services:consumer:MaxRestartBackoff", "00:00:00.01",
            "--Cotyledon:Services:consumer:MaxRestarts", "1000");
        await app.WaitForAsync(4, "hook-dead");
        var handles = new List<int> { await HandlesAsync(app, 1) };
        do
        {
            Assert.That(handles, Has.Count.LessThanOrEqualTo(MaxRounds), $"the handles grow in each round: {string.Join(", ", handles)}");
            var exits = app.Trace.Count(t => t.Is("hook-dead"));
            app.Command("resize consumer 1");
            await app.WaitForAsync(exits + 10, "hook-dead");
            handles.Add(await HandlesAsync(app, handles.Count + 1));
        }
        while (handles.Count < 3 || Math.Abs(handles[^1] - handles[..^1].Min()) >= 10);

        await app.ShutDownAsync();
    }

    /// <summary>Counts while no worker exists: the handles of a worker that starts would hide a leak.</summary>
    private static async Task<int> HandlesAsync(TestProgram app, int count)
    {
        app.Command("resize consumer 0");
        await app.UntilStatusAsync("consumer", status => status == "0/0 ");
        app.Command("collect"); // The handles of ended threads are closed by the garbage collector.
        app.Command("handles");
        return int.Parse((await app.WaitForAsync(count, "handles"))[^1].Detail, System.Globalization.CultureInfo.InvariantCulture);
    }
}
