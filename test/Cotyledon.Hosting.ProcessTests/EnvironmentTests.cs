namespace Cotyledon.Hosting.ProcessTests;

/// <summary>What workers inherit.</summary>
public class EnvironmentTests
{
    [Test]
    public async Task A_worker_inherits_the_environment_less_what_is_the_masters_alone()
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
    public async Task Server_gc_is_kept_where_it_was_asked_for()
    {
        await using var app = TestProgram.Start(start => start.Environment["DOTNET_gcServer"] = "1", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        Assert.That(Linux.EnvironmentOf(await app.WaitForReadyAsync("heavy", 0))["DOTNET_gcServer"], Is.EqualTo("1"));
        await app.StopAsync();
    }

    [Test]
    public async Task A_worker_that_starts_the_program_again_gets_an_independent_master()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Light", "-1", "--Script:heavy:Run", "self@1");
        await app.WaitForAsync(2, "main-master");
        await app.WaitForAsync(2, "run", "heavy", 0, 1);
        Assert.That(app.Trace.Where(t => t.Is("main-master")).Select(t => t.ProcessId).Distinct().Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task A_channel_that_is_none_is_a_clear_error()
    {
        await using var app = TestProgram.Start(start => start.Environment["COTYLEDON_CHANNEL"] = "77");
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilAsync(() => app.Output.Contains("COTYLEDON_CHANNEL is '77', which is not an open socket of a master."), "why");
    }
}
