namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The program reloads a changed file: written in place, renamed, behind links, watched or polled.</summary>
public class SourceTests
{
    [TestCase("write", null)]
    [TestCase("replace", null)]
    [TestCase("sed", null)]
    [TestCase("write", "1", Category = "Long")]
    [TestCase("replace", "1", Category = "Long")]
    public async Task Changed_file_is_reloaded(string how, string? polling)
    {
        await using var app = TestProgram.Start(
            start =>
            {
                start.Environment["DOTNET_USE_POLLING_FILE_WATCHER"] = polling;
                File.WriteAllText(new Settings(start.WorkingDirectory).File, Settings.Text("one"));
            },
            "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        var settings = new Settings(app.Directory);
        switch (how)
        {
            case "write":
                settings.Write(Settings.Text("two"));
                break;
            case "replace":
                settings.Replace(Settings.Text("two"));
                break;
            default:
                await System.Diagnostics.Process.Start("sed", ["-i", "s/one/two/", settings.File]).WaitForExitAsync();
                break;
        }

        Assert.That((await app.WaitForAsync(2, "reload", "heavy")).Select(r => r.Detail), Is.All.EqualTo("two"));
        await app.StopAsync();
    }

    [Test]
    public async Task Ini_file_configures_services_is_reloaded_and_rejects_a_repeated_key()
    {
        await using var app = TestProgram.Start(
            start => File.WriteAllText(Path.Combine(start.WorkingDirectory, "ini"), Ini("00:00:20", 2)), "--Light", "-1", "--Sources", "ini");
        await app.WaitForReadyAsync("heavy", 1);
        var file = Path.Combine(app.Directory, "ini");
        File.WriteAllText(file, Ini("00:00:20", 3) + "Workers = 4\n");
        await app.UntilAsync(() => app.Output.Contains("ini cannot be loaded", StringComparison.Ordinal), "the error for the repeated key");
        File.WriteAllText(file, Ini("00:00:20", 3));
        await app.WaitForReadyAsync("heavy", 2);
        Assert.That(app.Trace.Count(t => t.Is("init", "heavy", 3)), Is.Zero);
        await app.StopAsync();

        static string Ini(string timeout, int workers) => $"""
            [Cotyledon]
            GracefulShutdownTimeout = {timeout}

            [Cotyledon:Services:heavy]
            Workers = {workers}

            """;
    }

    [TestCase(null)]
    [TestCase("1")]
    public async Task Swap_of_a_mounted_config_map_is_reloaded(string? polling)
    {
        await using var app = TestProgram.Start(
            start =>
            {
                start.Environment["DOTNET_USE_POLLING_FILE_WATCHER"] = polling;
                new ConfigMap(start.WorkingDirectory).Mount(Settings.Text("one"));
            },
            "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        await new ConfigMap(app.Directory).SwapAsync(Settings.Text("two"));
        Assert.That((await app.WaitForAsync(2, "reload", "heavy")).Select(r => r.Detail), Is.All.EqualTo("two"));
        await app.StopAsync();
    }

    [Test]
    public async Task Program_started_with_sighup_ignored_logs_the_alternative()
    {
        await using var app = TestProgram.StartAs(
            "/usr/bin/env", _ => { }, "--ignore-signal=HUP", TestProgram.Executable, "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        app.Signal(Linux.Hangup);
        await app.StopAsync();
        Assert.That(app.Output, Does.Contain("SIGHUP was ignored when this program was started, for example by nohup"));
        Assert.That(app.Trace.Count(t => t.Is("reload")), Is.Zero);
    }

    [Test]
    public async Task Workers_watch_no_files()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Light", "-1");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        var watched = Directory.EnumerateFileSystemEntries($"/proc/{worker}/fd")
            .Select(fd => new FileInfo(fd).LinkTarget ?? "")
            .Where(target => target.Contains("inotify", StringComparison.Ordinal));
        Assert.That(watched, Is.Empty);
        await app.StopAsync();
    }

    [Test]
    public async Task Effective_options_are_logged_at_debug_with_secrets_masked()
    {
        await using var app = Settings.Start(
            Settings.Text("one", more: "\"Database\": { \"Password\": \"hush\" }, \"ConnectionStrings\": { \"Main\": \"Server=hush\" },"),
            "--Logging:LogLevel:Cotyledon.Hosting", "Debug", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        await app.StopAsync();
        Assert.That(app.Output, Does.Contain("Cotyledon:Services:heavy:Workers = 2"));
        Assert.That(app.Output, Does.Contain("Database:Password = ***").And.Contain("ConnectionStrings:Main = ***"));
        Assert.That(app.Output, Does.Not.Contain("hush"));
    }
}
