using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Every exit is recorded with its reason, and the worker is replaced with the same id.</summary>
public class ExitTests
{
    [TestCase("heavy", "Run", "exit:0@1", "Exited code=0 signal=")]
    [TestCase("heavy", "Run", "exit:1@1", "Exited code=1 signal=", Category = "Long")]
    [TestCase("heavy", "Run", "exit:137@1", "Exited code=137 signal=")]
    [TestCase("heavy", "Run", "leave:42@1", "Exited code=42 signal=")]
    [TestCase("heavy", "Run", "throw@1", "Faulted code=2 signal=")]
    [TestCase("heavy", "Constructor", "throw@1", "Faulted code=2 signal=")]
    [TestCase("light", "Start", "throw@1", "Faulted code=2 signal=")]
    [TestCase("light", "Run", "throw@1", "Faulted code=2 signal=")]
    [TestCase("light", "Run", "leave:43@1", "Exited code=43 signal=", Category = "Long")]
    [TestCase("heavy", "Run", "failfast@1", "Signaled code= signal=6")]
    [TestCase("heavy", "Run", "signal:11@1", "Signaled code= signal=11")]
    [TestCase("heavy", "Run", "signal:9@1", "Signaled code= signal=9")]
    [Category("Guarantee 8")]
    public async Task Worker_that_exits_unasked_is_recorded_with_its_reason_and_replaced(
        string service, string point, string action, string expected)
    {
        string[] workers = service == "heavy" ? ["--Heavy", "1", "--Light", "-1"] : ["--Heavy", "-1"];
        await using var app = TestProgram.Start([$"--Script:{service}:{point}", action, .. workers]);
        var dead = await app.WaitForAsync("hook-dead", service, 0, 1);
        await app.WaitForReadyAsync(service, 0, incarnation: 2);
        Assert.That(dead.Detail, Does.StartWith(expected + " "), app.Describe);
        Assert.That(dead.Detail, Does.Contain("next=0 "), "the first restart is made at once");
        await app.StopAsync();
    }

    [Test]
    public async Task Exit_record_of_a_crash_has_the_exception_and_the_last_lines_of_standard_error()
    {
        await using var app = TestProgram.Start("--Script:heavy:Run", "throw@1", "--Heavy", "1", "--Light", "-1");
        var dead = await app.WaitForAsync("hook-dead", "heavy", 0, 1);
        Assert.That(dead.Detail, Does.Contain("tail=heavy is about to fail").And.Contain("ApplicationException: as scripted"));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
        Assert.That(app.Output, Does.Contain("heavy is about to fail"), "relayed to the master's standard error");
    }

    [Test]
    [Category("Guarantee 1")]
    public async Task Worker_killed_from_outside_is_replaced_with_the_same_id()
    {
        await using var app = TestProgram.Start("--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        Linux.Send(await app.WaitForReadyAsync("heavy", 1), Linux.Kill);
        await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        Assert.That((await app.WaitForAsync("hook-dead")).Detail, Does.StartWith("Signaled code= signal=9 "));
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("init", "heavy", 0)), Is.EqualTo(1), "the other worker was not replaced");
    }

    [Test]
    [Category("Aot"), Category("Guarantee 8")]
    public async Task Worker_sent_sigterm_terminates_and_its_exit_code_is_recorded()
    {
        await using var app = TestProgram.Start("--Script:heavy:Terminate", "leave:42@1", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Terminate);
        var dead = await app.WaitForAsync("hook-dead", "heavy", 0, 1);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        Assert.That(dead.Detail, Does.StartWith("Terminated code=42 ").And.Contain("next=0 "));
        Assert.That(app.Trace.Count(t => t.Is("terminate", "heavy", 0, 1)), Is.EqualTo(1));
        await app.StopAsync();
    }

    [TestCase("waithost", "Terminated code=0 ", Description = "the run waits with the token of the host")]
    [TestCase("wait", "Terminated code=0 ")]
    [Category("Guarantee 8")]
    public async Task Run_that_is_cancelled_by_a_stop_is_no_failure(string action, string expected)
    {
        await using var app = TestProgram.Start("--Script:heavy:Run", action, "--Heavy", "1", "--Light", "-1");
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Terminate);
        var dead = await app.WaitForAsync("hook-dead", "heavy", 0, 1);
        Assert.That(dead.Detail, Does.StartWith(expected).And.Contain("next=0 "), app.Describe);
        Assert.That(app.Trace.Count(t => t.Is("terminate", "heavy", 0, 1)), Is.EqualTo(1), app.Describe);

        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 0, 2)).Detail, Does.StartWith("Stopped code=0 "), app.Describe);
    }

    [Test]
    public async Task Program_that_stops_its_host_after_a_failed_start_in_a_worker_chooses_the_exit_code()
    {
        await using var app = TestProgram.Start("--ObserverThrows", "error", "--Heavy", "1", "--Light", "-1", "--stop-failed-start");
        var dead = await app.WaitForAsync("hook-dead", "heavy", 0, 0);
        Assert.That(dead.Detail, Does.StartWith("Exited code=9 signal= "), app.Describe);
        Assert.That(app.Trace.Any(t => t.Is("finally") && dead.Detail.Contains($"pid={t.ProcessId} ")), app.Describe);
        await app.StopAsync();
    }

    /// <summary>Another hosted service hangs in its stop, after all workers have exited.</summary>
    [Test]
    public async Task Second_interrupt_ends_the_program_after_the_workers_have_exited_too()
    {
        await using var app = TestProgram.Start("--NeighbourHangs", "true", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        app.Signal(Linux.Interrupt);
        await app.WaitForAsync("neighbour-stop", "before");
        app.Signal(Linux.Interrupt);

        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(1), app.Describe);
    }

    /// <summary>The token of the stop limits the wait for the workers. The program then goes on, for example to save its state.</summary>
    [Test]
    public async Task Program_continues_after_a_stop_whose_token_was_cancelled()
    {
        await using var app = TestProgram.Start("--Script:heavy:Terminate", "hang", "--Heavy", "1", "--Light", "-1", "--short-stop");
        await app.WaitForReadyAsync("heavy", 0);
        app.OpenGate();

        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(1), app.Describe);
        Assert.That(app.Trace.Select(t => t.What), Does.Contain("saved").And.Contain("end-master"), app.Describe);
    }

    [TestCase("throw", "Faulted code=2 signal=", 0, 30)]
    [TestCase("leave:42", "Stopped code=42 signal=", 0, 30)]
    [TestCase("delay:1900", "Stopped code=0 signal=", 0, 10)]
    [TestCase("hang", "StopTimeout", 1, 2)]
    [Category("Guarantee 8")]
    public async Task Outcome_of_terminate_determines_the_exit_record(
        string action, string expected, int masterExitCode, int gracefulSeconds)
    {
        await using var app = TestProgram.Start(
            "--Heavy", "1", "--Light", "-1", "--Script:heavy:Terminate", action,
            "--Cotyledon:GracefulShutdownTimeout", $"00:00:{gracefulSeconds:00}");
        await app.WaitForReadyAsync("heavy", 0);
        await app.StopAsync(masterExitCode);
        Assert.That((await app.WaitForAsync("hook-dead", "heavy")).Detail, Does.StartWith(expected + " "), app.Describe);
    }

    /// <summary>With foreground threads, a run that ignores its token, and a run that begins its work after the stop.</summary>
    [TestCase("hang", null, Category = "Long")]
    [TestCase("thread wait", null)]
    [TestCase("thread wait", "00:00:04")]
    [TestCase("delay:1000 thread hang", null, Category = "Long")]
    [Category("Aot"), Category("Guarantee 8")]
    public async Task Worker_exits_when_its_service_has_stopped_even_if_code_still_runs(string run, string? gracefulTimeout)
    {
        await using var app = TestProgram.Start(
            "--Script:heavy:Run", run, "--Heavy", "1", "--Light", "-1", "--Cotyledon:GracefulShutdownTimeout", gracefulTimeout ?? "00:01:00");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForAsync("act", "heavy", 0);
        await app.StopAsync();
        Assert.That(app.Trace.Single(t => t.Is("hook-dead", "heavy")).Detail, Does.StartWith("Stopped code=0 "), app.Describe);
    }

    [Test]
    public async Task Worker_exits_with_a_log_entry_if_RunAsync_ignores_the_stop_and_TerminateAsync_is_not_overridden()
    {
        await using var app = TestProgram.Start("--Endless", "2", "--Heavy", "-1", "--Light", "-1");
        await app.WaitForAsync(2, "run", "endless");
        await app.WaitForReadyAsync("endless", 0);
        await app.WaitForReadyAsync("endless", 1);
        await app.StopAsync();
        Assert.That(app.Trace.Where(t => t.Is("hook-dead", "endless")).Select(t => t.Detail), Is.All.StartsWith("Stopped code=0 "), app.Describe);
        Assert.That(app.Output, Does.Contain("endless(0) exits although its RunAsync has not returned."));
    }

    [Test]
    public async Task Service_is_stopped_only_after_its_start_has_completed()
    {
        await using var app = TestProgram.Start("--Script:light:Start", "delay:700", "--Heavy", "-1");
        var begin = await app.WaitForAsync("act", "light");
        await app.StopAsync();
        var stop = await app.WaitForAsync("stop", "light");
        Assert.That(stop.Time - begin.Time, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(0.7)), app.Describe);
        Assert.That(app.Trace.Single(t => t.Is("hook-dead", "light")).Detail, Does.StartWith("Stopped code=0 "));
    }

    [Test]
    public async Task Service_is_stopped_only_after_its_reload_has_completed()
    {
        await using var app = TestProgram.Start("--Script:heavy:Reload", "delay:700", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        app.Command("reload");
        await app.WaitForAsync("reload", "heavy");
        await app.StopAsync();
        Assert.That(
            app.Trace.Where(t => t.Service == "heavy" && t.What is "reload" or "reloaded" or "terminate").Select(t => t.What),
            Is.EqualTo(new[] { "reload", "reloaded", "terminate" }),
            app.Describe);
        Assert.That(app.Trace.Single(t => t.Is("hook-dead", "heavy")).Detail, Does.StartWith("Stopped code=0 "));
    }

    [Test]
    public async Task Workers_that_ignore_the_stop_are_killed_together_at_the_graceful_timeout()
    {
        await using var app = TestProgram.Start(
            "--Script:heavy:Terminate", "hang", "--Cotyledon:GracefulShutdownTimeout", "00:00:02", "--Heavy", "4", "--Light", "-1");
        for (var id = 0; id < 4; id++)
        {
            await app.WaitForReadyAsync("heavy", id);
        }

        var watch = Stopwatch.StartNew();
        app.Signal(Linux.Terminate);
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(watch.Elapsed, Is.InRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(7.5)), "one after the other, it would be 8 s");
        await app.UntilGoneAsync(TimeSpan.FromSeconds(1));
        Assert.That(
            app.Trace.Where(t => t.Is("hook-dead", "heavy")).Select(t => t.Detail.Split(' ')[0]), Is.All.EqualTo("StopTimeout"));
    }

    [Test]
    public async Task Worker_can_request_its_own_replacement()
    {
        await using var app = TestProgram.Start("--Script:heavy:Run", "restart@1 wait", "--Heavy", "1", "--Light", "-1");
        var dead = await app.WaitForAsync("hook-dead", "heavy", 0, 1);
        Assert.That(dead.Detail, Does.StartWith("Replaced code=0 ").And.Contain("next=0 "));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }

    /// <summary>The host starts the remaining services, and so the supervisor, although it stops.</summary>
    [Test]
    public async Task Shutdown_by_a_service_that_starts_before_the_supervisor_sets_the_exit_code()
    {
        await using var app = TestProgram.Start("--ShutdownAtStart", "5");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(5), app.Describe);
        await app.UntilGoneAsync();
    }

    [Test]
    public async Task Worker_can_request_a_shutdown_of_the_program([Values("Processes", "InProcess")] string mode)
    {
        await using var app = TestProgram.Start(
            "--Cotyledon:Mode", mode, "--Script:heavy:Run", "gate shutdown:7 wait", "--Heavy", "1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("light", 0);

        // The run of a service may begin after its worker is ready, and does not begin after a stop.
        await app.WaitForAsync(2, "run");
        await File.WriteAllTextAsync(Path.Combine(app.Directory, "gate"), "");

        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(7));
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Is.All.StartsWith("Stopped "), app.Output);
        Assert.That(app.Output, Does.Contain("requested a shutdown of the program with exit code 7"));
        Assert.That(app.Trace.Count(t => t.Is("run")), Is.EqualTo(app.Trace.Count(t => t.Is("hook-dead"))), "no worker is restarted");
    }
}
