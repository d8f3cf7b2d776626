namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Every worker has the configuration that the master has accepted, from any source.</summary>
public class ConfigurationOwnerTests
{
    private const string Rejected = "The new configuration was rejected";

    // Before that time only a change of a file restarts the worker.
    private static readonly string[] LongBackoff =
        ["--Cotyledon:Services:heavy:RestartBackoff", "01:00:00", "--Cotyledon:Services:heavy:MaxRestartBackoff", "01:00:00"];

    [TestCase("extra", "")]
    [TestCase("extra", "--host=web")]
    [TestCase("extra", "--host=default", Category = "Long")]
    [TestCase("polled", "")]
    [Category("Aot"), Category("Guarantee 6")]
    public async Task Invalid_value_in_a_source_of_the_program_reaches_no_process(string source, string host)
    {
        await using var app = Start(source, [host, "--Light", "-1"]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        TestSources.Write(app.Directory, source, "bad", limit: -1);
        await app.UntilAsync(() => app.Output.Contains(Rejected), "the error");
        Assert.That(app.Output, Does.Contain("A limit must not be negative."));
        Assert.That(await ValuesAsync(app), Is.EqualTo("one+good 1"), "the master's own view");

        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        Assert.That((await app.WaitForAsync("init", "heavy", 0, 2)).Detail, Is.EqualTo("one+good"));

        TestSources.Write(app.Directory, source, "better", limit: 2);
        Assert.That((await app.WaitForAsync(2, "reload", "heavy")).Select(r => r.Detail), Is.All.EqualTo("one+better"));
        Assert.That(await ValuesAsync(app), Is.EqualTo($"one+better {(source == "extra" ? 2 : 1)}"));
        await app.StopAsync();
        Assert.That(app.Trace.Where(t => t.Is("polled")).Select(t => t.Detail), Has.None.EqualTo("worker"));
        Assert.That(app.Trace.Where(t => t.Is("changed")).Select(t => t.Detail), Is.All.EqualTo("one+better"));
        Assert.That(app.Trace.Count(t => t.Is("changed", "heavy", 1)), Is.EqualTo(1), "change tokens fire once for each accepted reload");
    }

    /// <summary>The real-process counterpart of <c>SourceMatrixTests</c>, which runs in one process.</summary>
    [TestCase("json", true)]
    [TestCase("keys", true)]
    [TestCase("polled", true)]
    [TestCase("json", false)]
    [TestCase("ini", true, Category = "Long")]
    [TestCase("xml", true, Category = "Long")]
    [TestCase("chained", true, Category = "Long")]
    [TestCase("ini", false, Category = "Long")]
    [TestCase("xml", false, Category = "Long")]
    [TestCase("keys", false, Category = "Long")]
    [TestCase("chained", false, Category = "Long")]
    [TestCase("polled", false, Category = "Long")]
    [Category("Guarantee 6")]
    public async Task After_valid_and_invalid_edits_of_any_source_all_processes_have_the_accepted_values(string source, bool reloads)
    {
        await using var app = Start(source, ["--Light", "-1", "--SourcesReload", $"{reloads}"]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        var onDemand = !reloads;

        TestSources.Write(app.Directory, source, "two", limit: 2);
        await ExpectReloadsAsync("one+two", 2);

        TestSources.Write(app.Directory, source, "bad", limit: -1);
        await ExpectErrorAsync("A limit must not be negative.");
        if (source is not ("keys" or "polled"))
        {
            File.WriteAllText(Path.Combine(app.Directory, source), source == "ini" ? "no key" : "{<");
            await ExpectErrorAsync("cannot be loaded");
            File.Delete(Path.Combine(app.Directory, source));
            await ExpectErrorAsync("not found");
        }

        Assert.That(await ValuesAsync(app), Does.StartWith("one+two "), "the master's own view");
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        TestSources.Write(app.Directory, source, "three", limit: 3);
        await ExpectReloadsAsync("one+three", 1);
        await app.UntilAsync(() => Last(0) == "one+three" && Last(1) == "one+three", "both workers have the last value");
        await app.StopAsync();
        Assert.That(app.Trace.Select(t => t.Detail), Has.None.Contains("one+bad"));

        async Task ExpectReloadsAsync(string value, int count)
        {
            if (onDemand)
            {
                app.Command("reload");
            }

            await app.UntilAsync(() => app.Trace.Count(t => t.Is("reload", "heavy") && t.Detail == value) >= count, $"{count} reloads: {value}");
        }

        async Task ExpectErrorAsync(string text)
        {
            if (onDemand)
            {
                app.Command("reload");
            }

            await app.UntilAsync(
                () =>
                {
                    app.Command("errors");
                    return app.Trace.LastOrDefault(t => t.Is("errors"))?.Detail.Contains(text, StringComparison.Ordinal) ?? false;
                },
                $"the error: {text}");
        }

        string? Last(int id) => app.Trace.LastOrDefault(t => t.What is "init" or "reload" && t.WorkerId == id)?.Detail;
    }

    [Test]
    public async Task Reload_on_demand_reads_sources_without_reload_on_change()
    {
        await using var app = Start("extra,stream", ["--Light", "-1", "--SourcesReload", "false"]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        TestSources.Write(app.Directory, "extra", "bad", limit: -1);
        app.Command("reload");
        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Rejected "));
        TestSources.Write(app.Directory, "extra", "better", limit: 2);
        app.Command("reload");
        Assert.That((await app.WaitForAsync(2, "result"))[1].Detail, Does.StartWith("Reloaded changed=Extra,ExtraLimit heavy:2/0 "));
        Assert.That(app.Trace.Where(t => t.Is("reload")).Select(t => t.Detail), Is.All.EqualTo("one+better+streamed"));
        await app.StopAsync();
    }

    [Test]
    public async Task Worker_that_cannot_read_a_file_logs_the_error_and_is_restarted_when_the_file_changes()
    {
        await using var app = Start("extra", ["--Light", "-1", .. LongBackoff]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        File.WriteAllText(Path.Combine(app.Directory, TestSources.ExtraFile), """{ "Extra": "ha""");
        await app.UntilAsync(() => app.Output.Contains("extra.json cannot be loaded (line 1, position 15)"), "the error");
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        var failed = (await app.WaitForAsync("hook-dead", "heavy", 0, 0)).Detail;
        Assert.That(failed, Does.Contain("code=").And.Contain("signal=6"));
        await app.UntilAsync(
            () => app.Output.Split('\n').Any(line => line.Contains("Hosting[24] heavy(0)", StringComparison.Ordinal)
                && line.Contains("Failed to load configuration from file", StringComparison.Ordinal)
                && line.Contains("Expected end of string", StringComparison.Ordinal)),
            "the logged error");
        TestSources.Write(app.Directory, "extra", "good", limit: 1);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }

    [Test]
    public async Task Spare_worker_replaces_a_killed_worker_while_a_file_cannot_be_read()
    {
        await using var app = Start("extra", ["--Light", "-1", "--Cotyledon:SpareWorkers", "1", .. LongBackoff]);
        var worker = await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        await SpareTests.SpareAsync(app);
        File.WriteAllText(Path.Combine(app.Directory, TestSources.ExtraFile), """{ "Extra": "ha""");
        await app.UntilAsync(() => app.Output.Contains("extra.json cannot be loaded"), "the error");
        Linux.Send(worker, Linux.Kill);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        Assert.That((await app.WaitForAsync("init", "heavy", 0, 2)).Detail, Is.EqualTo("one+good"));
        await app.StopAsync();
    }

    [Test]
    public async Task Worker_neither_watches_nor_polls_configuration_sources()
    {
        await using var app = Start("extra,polled,keys", ["--Light", "-1"]);
        var worker = await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1); // A worker that still starts may poll once.
        TestSources.Write(app.Directory, "polled", "better", limit: 1);
        await app.WaitForAsync(2, "reload", "heavy");
        var watched = Directory.EnumerateFileSystemEntries($"/proc/{worker}/fd")
            .Select(fd => new FileInfo(fd).LinkTarget ?? "")
            .Where(target => target.Contains("inotify", StringComparison.Ordinal));
        Assert.That(watched, Is.Empty);
        await app.StopAsync();
        Assert.That(app.Trace.Where(t => t.Is("polled")).Select(t => t.Detail), Is.All.EqualTo("master"));
    }

    [Test]
    [Category("Aot")]
    public async Task Source_and_environment_of_a_worker_override_the_masters_values()
    {
        await using var app = TestProgram.Start(
            start =>
            {
                start.Environment["Variable"] = "of all";
                File.WriteAllText(new Settings(start.WorkingDirectory).File, Settings.Text("one"));
            },
            "--Sources", "own", "--Cotyledon:Services:heavy:Environment:Variable", "of heavy");
        await app.WaitForAllReadyAsync();
        Assert.That((await app.WaitForAsync("init", "heavy", 0)).Detail, Is.EqualTo("one+of the worker+of heavy"));
        Assert.That((await app.WaitForAsync("start", "light", 0)).Detail, Is.EqualTo("one+of the worker+of all"));
        new Settings(app.Directory).Write(Settings.Text("two"));
        Assert.That((await app.WaitForAsync(2, "reload", "heavy")).Select(r => r.Detail), Is.All.EqualTo("two+of the worker+of heavy"));
        Assert.That((await app.WaitForAsync("start", "light", 0, 2)).Detail, Is.EqualTo("two+of the worker+of all"));
        Assert.That(await ValuesAsync(app), Is.EqualTo("two+of all 0"));
        await app.StopAsync();
    }

    [Test]
    public async Task Value_set_in_the_master_reaches_workers_with_the_next_reload()
    {
        await using var app = Settings.Start(Settings.Text("one"), "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Command("set Own given");
        await app.WaitForAsync("done");
        app.Command("reload");
        Assert.That((await app.WaitForAsync(2, "reload", "heavy")).Select(r => r.Detail), Is.All.EqualTo("one+given"));
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        Assert.That((await app.WaitForAsync("init", "heavy", 0, 2)).Detail, Is.EqualTo("one+given"));
        await app.StopAsync();
    }

    [Test]
    public async Task Change_of_only_the_settings_section_reaches_workers_without_a_reload()
    {
        await using var app = Settings.Start(Settings.Text("one"), "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        new Settings(app.Directory).Write(Settings.Text("one", heavy: 3));
        await app.WaitForReadyAsync("heavy", 2);
        await app.WaitForAsync("changed", "heavy", 0);
        await app.WaitForAsync("changed", "heavy", 1);
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("reload")), Is.Zero);
    }

    [Test]
    public async Task Secrets_appear_in_no_command_line_environment_or_log()
    {
        await using var app = Start("extra", ["--Light", "-1", "--Logging:LogLevel:Default", "Trace"]);
        var worker = await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        File.WriteAllText(Path.Combine(app.Directory, TestSources.ExtraFile), """{ "Extra": "better", "ApiKey": "hush-hush" }""");
        await app.WaitForAsync(2, "reload", "heavy");
        Linux.Send(worker, Linux.Kill);
        var next = await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        foreach (var process in (int[])[app.ProcessId, next])
        {
            Assert.That(File.ReadAllText($"/proc/{process}/cmdline"), Does.Not.Contain("hush"));
            Assert.That(File.ReadAllText($"/proc/{process}/environ"), Does.Not.Contain("hush"));
        }

        await app.StopAsync();
        Assert.That(app.Output, Does.Not.Contain("hush"));
    }

    private static TestProgram Start(string sources, string[] arguments) => TestProgram.Start(
        start =>
        {
            File.WriteAllText(new Settings(start.WorkingDirectory).File, Settings.Text("one"));
            foreach (var source in sources.Split(','))
            {
                TestSources.Write(start.WorkingDirectory, source, "good", limit: 1);
            }
        },
        ["--urls", "http://127.0.0.1:0", "--Sources", sources, .. arguments.Where(a => a.Length > 0)]);

    private static async Task<string> ValuesAsync(TestProgram app)
    {
        var asked = app.Trace.Count(t => t.Is("values"));
        app.Command("values");
        return (await app.WaitForAsync(asked + 1, "values"))[^1].Detail;
    }
}
