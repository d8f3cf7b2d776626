using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Start and stop of the program.</summary>
public class StartAndStopTests
{
    [Test]
    public async Task Program_can_handle_its_own_signals_in_master_and_workers()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Light", "-1", "--own-signal=10");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(worker, Linux.User1);
        await app.UntilAsync(() => app.Trace.Any(t => t.Is("own-signal") && t.ProcessId == worker), "the signal in the worker");
        app.Signal(Linux.User1);
        await app.UntilAsync(() => app.Trace.Any(t => t.Is("own-signal") && t.ProcessId == app.ProcessId), "the signal in the master");
        Assert.That(app.Trace.Count(t => t.Is("own-signal")), Is.EqualTo(2), "each is delivered to one process");
        await app.StopAsync();
    }

    [Test]
    [Category("Aot")]
    public async Task Two_services_start_with_worker_ids_and_titles_and_run_each_step_once()
    {
        await using var app = TestProgram.Start("--urls", "x y");
        await app.WaitForAllReadyAsync();
        var heavy0 = (await app.WaitForAsync("run", "heavy", 0)).ProcessId;
        var light0 = (await app.WaitForAsync("run", "light", 0)).ProcessId;
        await app.WaitForAsync("run", "heavy", 1);
        await app.UntilAsync(() => Linux.TitleOf(heavy0) == "Cotyledon.Hosting.TestApp: heavy worker(0)", "the title of a heavy worker");
        await app.UntilAsync(() => Linux.TitleOf(light0) == "Cotyledon.Hosting.TestApp: light worker(0)", "the title of the light worker");

        Assert.Multiple(() =>
        {
            Assert.That(app.Processes(), Has.Count.EqualTo(4));
            Assert.That(
                Linux.TitleOf(app.ProcessId), Does.StartWith("Cotyledon.Hosting.TestApp: master process [").And.EndWith("--urls x y]"));
            Assert.That(app.Trace.Count(t => t.Is("init", "heavy")), Is.EqualTo(2));
            Assert.That(app.Trace.Count(t => t.Is("run", "heavy")), Is.EqualTo(2));
            Assert.That(app.Trace.Count(t => t.Is("run", "light")), Is.EqualTo(1));
            Assert.That(app.Trace.Count(t => t.Is("hook-new")), Is.EqualTo(3));
            Assert.That(app.Trace.Where(t => t.What.StartsWith("main-", StringComparison.Ordinal)).Select(t => t.Detail).Distinct(),
                Is.EqualTo(new[] { "--urls x y" }));
        });
        await app.StopAsync();
    }

    [Test]
    [Category("Aot")]
    public async Task Sigterm_runs_the_terminate_hooks_then_each_terminate_once_and_exits_with_0()
    {
        await using var app = TestProgram.Start();
        await app.WaitForAllReadyAsync();
        await app.StopAsync();

        var trace = app.Trace;
        Assert.Multiple(() =>
        {
            Assert.That(trace.Count(t => t.Is("hook-terminate")), Is.EqualTo(1));
            Assert.That(trace.Count(t => t.Is("other-hook-terminate")), Is.EqualTo(1));
            Assert.That(trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
            Assert.That(trace.Count(t => t.Is("stop", "light")), Is.EqualTo(1));
            Assert.That(trace.Count(t => t.Is("end-worker")), Is.EqualTo(3));
            Assert.That(trace.Count(t => t.Is("hook-dead") && t.Detail.StartsWith("Stopped code=0", StringComparison.Ordinal)), Is.EqualTo(3));
            Assert.That(
                trace.First(t => t.Is("terminate")).Time, Is.GreaterThan(trace.First(t => t.Is("hook-terminate")).Time));
        });
    }

    [Test]
    public async Task Second_sigterm_is_ignored()
    {
        await using var app = TestProgram.Start("--Script:heavy:Terminate", "delay:500", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Signal(Linux.Terminate);
        await app.WaitForAsync(2, "terminate", "heavy");
        await app.StopAsync();

        Assert.That(app.Trace.Count(t => t.Is("terminate", "heavy")), Is.EqualTo(2));
        Assert.That(app.Trace.Count(t => t.Is("hook-terminate")), Is.EqualTo(1));
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2), "the long terminate was completed");
    }

    [Test]
    public async Task Second_sigint_ends_all_processes_immediately_with_exit_code_1()
    {
        await using var app = TestProgram.Start("--Script:heavy:Terminate", "hang", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Signal(Linux.Interrupt);
        await app.WaitForAsync(2, "terminate", "heavy");
        app.Signal(Linux.Interrupt);

        // Far less than the graceful timeout of one minute.
        Assert.That(await app.WaitForExitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo(1));
        await app.UntilGoneAsync();
    }

    [Test]
    [Category("Guarantee 3")]
    public async Task Sigint_to_all_processes_causes_one_graceful_stop()
    {
        await using var app = TestProgram.Start();
        await app.WaitForAllReadyAsync();
        foreach (var process in app.Processes())
        {
            Linux.Send(process, Linux.Interrupt);
        }

        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("terminate", "heavy")), Is.EqualTo(2));
        Assert.That(app.Trace.Count(t => t.Is("main-worker")), Is.EqualTo(3), "no worker was restarted");
        Assert.That(app.Trace.Count(t => t.Is("hook-terminate")), Is.EqualTo(1));
    }

    [Test]
    [Category("Long"), Category("Guarantee 3")]
    public async Task Sigterm_at_any_time_after_launch_leaves_no_process_and_starts_no_worker()
    {
        for (var delay = 0; delay <= 500; delay += 20)
        {
            await using var app = TestProgram.Start("--Cotyledon:GracefulShutdownTimeout", "00:00:05");
            await Task.Delay(delay);
            app.Signal(Linux.Terminate);
            var exitCode = await app.WaitForExitAsync(TimeSpan.FromSeconds(30));
            await app.UntilGoneAsync(TimeSpan.FromSeconds(30));

            // Until AddCotyledonWorker is called, the signal has its default effect.
            Assert.That(exitCode, Is.EqualTo(0).Or.EqualTo(128 + Linux.Terminate), $"{delay} ms: {app.Describe()}");
            Assert.That(app.Trace.Count(t => t.Is("hook-terminate")), Is.LessThanOrEqualTo(1));
            var stopped = app.Trace.Where(t => t.Is("other-hook-terminate")).Select(ClockIn).ToList();
            Assert.That(
                app.Trace.Where(t => t.Is("assigned")).Select(ClockIn).Where(assigned => stopped.Exists(stop => assigned > stop)),
                Is.Empty,
                $"{delay} ms: {app.Describe()}");
        }
    }

    [Test]
    public async Task Worker_whose_run_returns_is_idle()
    {
        await using var app = TestProgram.Start("--Script:heavy:Run", "delay:1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        await app.WaitForAsync(2, "ran", "heavy");
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Idle 1=Idle");
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("terminate", "heavy")), Is.EqualTo(2));
    }

    [Test]
    public async Task Shutdown_stops_gracefully_with_its_exit_code()
    {
        await using var app = TestProgram.Start("--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Command("shutdown 5");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(5), app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
    }

    [Test]
    public async Task Shutdown_timeout_of_the_host_does_not_shorten_the_graceful_timeout()
    {
        await using var app = TestProgram.Start("--shutdownTimeoutSeconds", "1", "--Script:heavy:Terminate", "delay:1500", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
    }

    [Test]
    [Category("Guarantee 3")]
    public async Task Shutdown_before_the_start_starts_no_worker_and_sets_the_exit_code()
    {
        await using var app = TestProgram.Start("--shutdown-before-start");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(5), app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("main-worker")), Is.Zero);
    }

    /// <summary>The start of another hosted service is cancelled, and the host throws.</summary>
    [Test]
    public async Task Stop_during_the_start_of_the_host_is_a_clean_stop(
        [Values("--host=builder", "--host=default", "--host=web")] string host, [Values] bool concurrently)
    {
        await using var app = TestProgram.Start(
            host, "--urls", "http://127.0.0.1:0", "--NeighbourGate", "gate", "--servicesStartConcurrently", $"{concurrently}");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForAsync(1, "neighbour-start", "after");
        app.Signal(Linux.Terminate);

        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Output, Does.Not.Contain("Unhandled exception"));
        Assert.That(app.Trace.Count(t => t.Is("hook-terminate")), Is.EqualTo(1));
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Is.All.StartsWith("Stopped "));
    }

    /// <summary>The web server throws if the host is stopped before it listens.</summary>
    [Test]
    public async Task Stop_before_the_web_server_listens_is_a_clean_stop()
    {
        await using var app = TestProgram.Start(
            "--host=web", "--urls", "http://127.0.0.1:0", "--NeighbourGate", "gate", "--NeighbourIgnoresStop", "true");
        await app.WaitForAsync(1, "neighbour-start", "after");
        app.Signal(Linux.Terminate);
        await app.WaitForAsync(1, "neighbour-cancelled", "after");
        await File.WriteAllTextAsync(Path.Combine(app.Directory, "gate"), "");

        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Output, Does.Contain("Hosting failed to start").And.Not.Contain("Unhandled exception"));
    }

    /// <summary>For example the timeout of an HTTP request, which is a cancellation too.</summary>
    [Test]
    public async Task Start_that_is_cancelled_without_a_stop_is_an_error([Values("--host=builder", "--host=web")] string host)
    {
        await using var app = TestProgram.Start(host, "--urls", "http://127.0.0.1:0", "--NeighbourThrows", "cancelled");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(128 + Linux.Abort), app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Output, Does.Contain("Unhandled exception. System.Threading.Tasks.TaskCanceledException"));
    }

    /// <summary>An error during the start is not hidden by a stop.</summary>
    [Test]
    public async Task Error_of_a_start_during_a_stop_ends_the_master_as_any_error_does()
    {
        await using var app = TestProgram.Start(
            "--NeighbourGate", "gate", "--NeighbourIgnoresStop", "true", "--NeighbourThrows", "error");
        await app.WaitForAsync(1, "neighbour-start", "after");
        app.Signal(Linux.Terminate);
        await app.WaitForAsync(1, "hook-terminate");
        await File.WriteAllTextAsync(Path.Combine(app.Directory, "gate"), "");

        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(128 + Linux.Abort), app.Describe);
        await app.UntilGoneAsync();
    }

    [Test]
    public async Task Exit_code_of_a_clean_stop_is_the_return_value_of_main()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Light", "-1", "--return-7");
        await app.WaitForReadyAsync("heavy", 0);
        await app.StopAsync(exitCode: 7);
        Assert.That(
            app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail.Split(' ')[1]), Is.All.EqualTo("code=0"), "workers");
    }

    private static DateTimeOffset ClockIn(TraceLine line) => DateTimeOffset.Parse(line.Detail, CultureInfo.InvariantCulture);
}
