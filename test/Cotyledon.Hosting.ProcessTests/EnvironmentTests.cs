namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The environment that workers inherit.</summary>
public class EnvironmentTests
{
    [Test]
    public async Task Worker_inherits_the_environment_without_the_variables_reserved_for_the_master()
    {
        string[] masterOnly =
            ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "SYSTEMD_EXEC_PID", "DOTNET_WATCH"];
        await using var app = TestProgram.Start(
            start =>
            {
                masterOnly.ToList().ForEach(name => start.Environment[name] = "0");
                start.Environment["OF_THE_USER"] = "kept = whole";
                start.Environment["DOTNET_ENVIRONMENT"] = "Staging";
                start.Environment["DOTNET_STARTUP_HOOKS"] = "";
            },
            "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        var variables = Linux.EnvironmentOf(await app.WaitForReadyAsync("heavy", 0));
        Assert.Multiple(() =>
        {
            Assert.That(variables.Keys.Intersect(masterOnly), Is.Empty);
            Assert.That(variables["OF_THE_USER"], Is.EqualTo("kept = whole"));
            Assert.That(variables["DOTNET_ENVIRONMENT"], Is.EqualTo("Staging"));
            Assert.That(variables["DOTNET_CONTENTROOT"], Is.EqualTo(app.Directory));
            Assert.That(variables["DOTNET_gcServer"], Is.EqualTo("0"));
        });
        await app.StopAsync();
    }

    [Test]
    public async Task Requested_server_gc_is_kept_in_workers()
    {
        await using var app = TestProgram.Start(start => start.Environment["DOTNET_gcServer"] = "1", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        Assert.That(Linux.EnvironmentOf(await app.WaitForReadyAsync("heavy", 0))["DOTNET_gcServer"], Is.EqualTo("1"));
        await app.StopAsync();
    }

    [Test]
    public async Task Program_started_by_a_worker_runs_as_an_independent_master()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Light", "-1", "--Script:heavy:Run", "self@1");
        await app.WaitForAsync(2, "main-master");
        await app.WaitForAsync(2, "run", "heavy", 0, 1);
        Assert.That(app.Trace.Where(t => t.Is("main-master")).Select(t => t.ProcessId).Distinct().Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task Invalid_channel_variable_is_reported()
    {
        await using var app = TestProgram.Start(start => start.Environment["COTYLEDON_CHANNEL"] = "77");
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilAsync(() => app.Output.Contains("COTYLEDON_CHANNEL names '77', which is not an open socket of a master."), "the error");
    }
}
