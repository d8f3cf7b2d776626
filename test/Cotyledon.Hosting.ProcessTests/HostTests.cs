using Cotyledon.Hosting.Queues.Nats.Tests;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Every kind of host and every way to start a program.</summary>
public class HostTests
{
    [TestCase("--host=application")]
    [TestCase("--host=default")]
    [TestCase("--host=web")]
    public async Task Other_hosted_services_start_once_and_in_the_master_only(string host)
    {
        await using var app = TestProgram.Start(host, "--urls", "http://127.0.0.1:0", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await UntilStartedAsync(app);
        await app.StopAsync();
        foreach (var name in (string[])["before", "after"])
        {
            Assert.That(app.Trace.Where(t => t.Is("neighbour-start", name)).Select(t => t.ProcessId), Is.EqualTo(new[] { app.ProcessId }));
            Assert.That(app.Trace.Count(t => t.Is("neighbour-stop", name)), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task IsWorker_starts_no_thread()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        Assert.That((await app.WaitForAsync("early-threads")).Detail, Is.Not.Empty.And.Not.Contain("cotyledon"));
        await app.StopAsync();
    }

    [Test]
    public async Task Second_host_with_workers_is_refused_and_the_first_keeps_running()
    {
        await using var app = TestProgram.Start("--host=several");
        var refused = await app.WaitForAsync("second-refused");
        Assert.That(refused.Detail, Does.Contain("Register all services with one host").And.Contain("InProcess"));
        await app.WaitForAllReadyAsync();
        await app.WaitForAsync("only-first-left");

        // The first host still handles the signals.
        app.Signal(Linux.Terminate);
        await app.WaitForAsync("last-started");
        Assert.That(app.Trace.Count(t => t.Is("born")), Is.GreaterThanOrEqualTo(3));

        // Now the last host handles them.
        await app.StopAsync();
        Assert.That(app.Trace.Any(t => t.Is("third-started")));
        Assert.That(app.Trace.Any(t => t.Is("second-started")), Is.False);
    }

    [Test]
    [Category("Aot")]
    public async Task Worker_exits_normally_if_the_program_starts_another_host_after_the_stop()
    {
        await using var app = TestProgram.Start("--host=sequential", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        app.Signal(Linux.Terminate);
        var stop = await app.WaitForAsync("terminate", "heavy", 0);
        var dead = await app.WaitForAsync("hook-dead", "heavy", 0);
        Assert.That(dead.Time - stop.Time, Is.LessThan(TimeSpan.FromSeconds(30)), "half of the graceful timeout");

        // The next host of the master has workers again.
        await app.UntilAsync(() => app.Trace.Count(t => t.Service == "heavy" && t.IsEvent("Ready")) == 2, "the worker of the next host");
        await app.StopAsync();
        var exits = app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail).ToList();
        Assert.That(exits, Has.Count.EqualTo(2).And.All.StartsWith("Stopped code=0 "), app.Describe);
    }

    /// <summary>
    /// The environment of a web application is another object with the same file provider. A worker stops its watcher for the settings.
    /// </summary>
    [Test]
    public async Task Worker_can_watch_files_of_the_content_root()
    {
        await using var app = TestProgram.Start(
            "--host=web", "--urls", "http://127.0.0.1:0", "--Sources", "extra", "--ObserverWatches", "watched.txt", "--Heavy", "1", "--Light", "-1");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        await File.WriteAllTextAsync(Path.Combine(app.Directory, "watched.txt"), "");
        await app.UntilAsync(() => app.Trace.Any(t => t.Is("watched") && t.ProcessId == worker), "the change in the worker");
        await app.StopAsync();
    }

    [Test]
    public async Task Hosted_service_kept_in_workers_runs_in_master_and_workers()
    {
        await using var app = TestProgram.Start();
        await app.WaitForAllReadyAsync();
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("neighbour-start", "observer")), Is.EqualTo(4));
        Assert.That(app.Trace.Count(t => t.Is("neighbour-stop", "observer")), Is.EqualTo(4));
    }

    [Test]
    public async Task Port_of_the_program_is_bound_by_the_master_only()
    {
        var port = LoopbackPort.Next();
        await using var app = TestProgram.Start("--host=web", "--urls", $"http://127.0.0.1:{port}", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        using var client = new HttpClient();
        var answer = "";
        await app.UntilAsync(() => (answer = TryGet(client, port)).Length > 0, "an answer");
        Assert.That(answer, Is.EqualTo($"{app.ProcessId}"));
        await app.StopAsync();
        Assert.That(app.Output, Does.Not.Contain("address already in use"));

        static string TryGet(HttpClient client, int port)
        {
            try
            {
                return client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/")).GetAwaiter().GetResult();
            }
            catch (HttpRequestException)
            {
                return "";
            }
        }
    }

    [Test]
    public Task The_executable_starts_itself_as_its_workers() => StartsItselfAsync(TestProgram.Executable);

    [Test]
    public Task The_muxer_with_options_starts_the_same_assembly() => StartsItselfAsync(
        "dotnet", "exec", "--roll-forward", "LatestPatch", Path.Combine(TestProgram.BuildDirectory, "Cotyledon.Hosting.TestApp.dll"));

    [Test]
    public Task Dotnet_with_an_assembly_starts_the_same_assembly() => StartsItselfAsync(
        "dotnet", Path.Combine(TestProgram.BuildDirectory, "Cotyledon.Hosting.TestApp.dll"));

    [Test]
    public Task Dotnet_run_starts_the_program_that_it_runs()
    {
        var build = new DirectoryInfo(TestProgram.BuildDirectory);
        return StartsItselfAsync(
            "dotnet", "run", "--no-build", "--configuration", build.Parent!.Name, "--project", build.Parent.Parent!.Parent!.FullName, "--");
    }

    /// <summary>As <c>dotnet ef</c> or OpenAPI at build time: the tool's process, the program's host.</summary>
    [Test]
    public async Task Design_time_tool_starts_no_workers_in_any_mode([Values("Auto", "Processes", "InProcess")] string mode)
    {
        var testApp = Path.Combine(TestProgram.BuildDirectory, "Cotyledon.Hosting.TestApp");
        await using var app = TestProgram.StartAs(
            "dotnet",
            _ => { },
            "exec", "--depsfile", testApp + ".deps.json", "--runtimeconfig", testApp + ".runtimeconfig.json",
            Path.Combine(TestProgram.DirectoryOf("DesignTool"), "GetDocument.Insider.dll"),
            testApp + ".dll", "--Cotyledon:Mode", mode);
        await UntilStartedAsync(app);

        Assert.That(app.Output, Does.Contain("GetDocument.Insider, which only builds its host; no workers are started."));
        Assert.That(app.Processes(), Has.Count.EqualTo(1));
        await app.StopAsync();
        Assert.That(app.Trace.Select(t => t.What), Does.Not.Contain("main-worker").And.Not.Contain("init").And.Not.Contain("event"));
    }

    private static async Task StartsItselfAsync(string file, params string[] arguments)
    {
        await using var app = TestProgram.StartAs(file, _ => { }, [.. arguments, "an argument", "--Heavy", "1"]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("light", 0);
        var master = await app.WaitForAsync("main-master");
        var workers = await app.WaitForAsync(2, "main-worker");
        Assert.That(workers.Select(w => w.Detail), Is.All.EqualTo("an argument --Heavy 1"));
        await app.UntilAsync(
            () => Linux.TitleOf(workers[0].ProcessId).StartsWith("Cotyledon.Hosting.TestApp: ", StringComparison.Ordinal), "the title of the worker");
        Linux.Send(master.ProcessId, Linux.Terminate);
        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        await app.UntilGoneAsync();
    }

    private static Task UntilStartedAsync(TestProgram app) =>
        app.UntilAsync(() => app.Output.Contains("Application started", StringComparison.Ordinal), "the start of the host");
}
