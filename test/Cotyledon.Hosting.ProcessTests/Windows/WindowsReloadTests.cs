namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>Reloads, replacements and changes of the number of workers.</summary>
[Category("Windows")]
public class WindowsReloadTests
{
    [Test]
    public async Task Edited_file_reloads_workers_and_a_broken_one_changes_nothing()
    {
        await using var app = Start(Settings.Text("one"));
        await app.WaitForAllReadyAsync();
        new Settings(app.Directory).Write(Settings.Text("two", heavy: 3));
        Assert.That((await app.WaitForAsync(2, "reload", "heavy")).Select(t => t.Detail), Is.All.EqualTo("two"));
        Assert.That((await app.WaitForAsync("init", "heavy", 2)).Detail, Is.EqualTo("two"));
        Assert.That((await app.WaitForAsync("start", "light", 0, 2)).Detail, Is.EqualTo("two"));

        new Settings(app.Directory).Write(Settings.Text("three")[..20]);
        await app.UntilAsync(() => app.Output.Contains("The new configuration was rejected", StringComparison.Ordinal), "the error");
        await app.UntilStatusAsync("heavy", status => status == "3/3 0=Ready 1=Ready 2=Ready");
        Assert.That(app.Trace.Where(t => t.Is("reload")).Select(t => t.Detail), Is.All.EqualTo("two"));

        new Settings(app.Directory).Replace(Settings.Text("four"));
        await app.UntilAsync(() => app.Trace.Count(t => t.Is("reload", "heavy") && t.Detail == "four") >= 2, "the corrected file");
        await app.ShutDownAsync();
    }

    [Test]
    public async Task Rolling_restart_replaces_each_worker()
    {
        await using var app = Wine.Start("--Heavy", "3", "--Light", "-1");
        for (var id = 0; id < 3; id++)
        {
            await app.WaitForReadyAsync("heavy", id);
        }

        app.Command("restart heavy");
        Assert.That((await app.WaitForAsync("result")).Detail, Is.EqualTo("Reloaded changed= heavy:0/3 errors="));
        await app.UntilStatusAsync("heavy", status => status == "3/3 0=Ready 1=Ready 2=Ready");
        await app.ShutDownAsync();
        Assert.That(app.Trace.Where(t => t.Is("hook-dead") && t.Incarnation == 1).Select(t => t.Detail), Has.Exactly(3).StartsWith("Replaced code=0 "));
    }

    [Test]
    public async Task Spare_replaces_a_killed_worker()
    {
        await using var app = Wine.Start("--Light", "-1", "--Cotyledon:SpareWorkers", "1");
        await app.WaitForReadyAsync("heavy", 0);
        var worker = await app.WaitForReadyAsync("heavy", 1);
        await app.WaitForAsync(4, "neighbour-start", "observer"); // In the master, two workers and the spare.
        var started = app.Trace.Where(t => t.Is("main-worker")).Select(t => t.ProcessId).ToList();
        app.Kill(worker);
        Assert.That(started, Does.Contain(await app.WaitForReadyAsync("heavy", 1, incarnation: 2)), "it was running before the kill");
        await app.ShutDownAsync();
    }

    /// <summary>Kills arrive before the process is created, while it starts, and while frames are sent to it.</summary>
    [Test]
    public async Task Numbers_that_change_quickly_while_workers_are_killed_converge()
    {
        await using var app = Wine.Start(
            "--Heavy", "4", "--Light", "-1", "--Cotyledon:Services:heavy:RestartBackoff", "00:00:00.01",
            "--Cotyledon:Services:heavy:MaxRestartBackoff", "00:00:00.05", "--Cotyledon:Services:heavy:MaxRestarts", "1000");
        await app.WaitForReadyAsync("heavy", 0);
        const int rounds = 20;
        for (var round = 0; round < rounds; round++)
        {
            app.Command("resize heavy 6");
            app.Command("resize heavy 2");
            if (app.Trace.LastOrDefault(t => t.Is("main-worker")) is { ProcessId: var worker })
            {
                app.Kill(worker);
            }
        }

        await app.WaitForAsync(2 * rounds, "done");
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        await app.UntilAsync(
            () => app.Trace.Count(t => t.IsEvent("Started")) == app.Trace.Count(t => t.IsEvent("Exited") && !t.Detail.StartsWith("Exited  ", StringComparison.Ordinal)) + 2,
            "one exit record for each process that has ended");
        await app.ShutDownAsync();
    }

    private static TestProgram Start(string text, params string[] arguments) => Wine.Start(
        start => File.WriteAllText(new Settings(start.WorkingDirectory).File, text), arguments);
}
