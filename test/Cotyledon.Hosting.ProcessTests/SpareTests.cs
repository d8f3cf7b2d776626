namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Spare workers: processes without a worker id that wait to replace any worker.</summary>
public class SpareTests
{
    private const string OneSpare = "--Cotyledon:SpareWorkers=1";

    [Test, Category("Aot")]
    public async Task Killed_worker_is_replaced_by_the_spare_and_a_new_spare_is_started()
    {
        await using var app = TestProgram.Start(OneSpare);
        await app.WaitForAllReadyAsync();
        var spare = await SpareAsync(app);
        Linux.Send(await app.WaitForReadyAsync("heavy", 1), Linux.Kill);

        Assert.That(await app.WaitForReadyAsync("heavy", 1, incarnation: 2), Is.EqualTo(spare));
        await app.UntilAsync(() => Linux.TitleOf(spare).EndsWith("heavy worker(1)", StringComparison.Ordinal), "the new title");
        Assert.That(await SpareAsync(app), Is.Not.EqualTo(spare));
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        await app.StopAsync();
    }

    [Test]
    public async Task Spare_used_after_a_reload_has_the_new_configuration()
    {
        await using var app = Settings.Start(Settings.Text("old"), OneSpare);
        await app.WaitForAllReadyAsync();
        var stale = await SpareAsync(app);
        new Settings(app.Directory).Write(Settings.Text("new"));
        await app.WaitForAsync(2, "reloaded", "heavy");
        await app.WaitForReadyAsync("light", 0, incarnation: 2);
        await app.UntilAsync(() => !Linux.Exists(stale), "the old spare is gone");
        var spare = await SpareAsync(app);
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);

        Assert.That(await app.WaitForReadyAsync("heavy", 0, incarnation: 2), Is.EqualTo(spare));
        Assert.That((await app.WaitForAsync("init", "heavy", 0, 2)).Detail, Is.EqualTo("new"));
        await app.StopAsync();
    }

    /// <summary>A worker process started at that time could not read the file.</summary>
    [Test]
    public async Task Worker_killed_while_the_file_is_invalid_is_replaced_by_the_spare()
    {
        await using var app = Settings.Start(Settings.Text("good"), OneSpare);
        await app.WaitForAllReadyAsync();
        var spare = await SpareAsync(app);
        new Settings(app.Directory).Write(Settings.Text("bad")[..20]);
        await app.UntilAsync(() => app.Output.Contains("The new configuration was rejected", StringComparison.Ordinal), "the error");
        Linux.Send(await app.WaitForReadyAsync("light", 0), Linux.Kill);

        Assert.That(await app.WaitForReadyAsync("light", 0, incarnation: 2), Is.EqualTo(spare));
        Assert.That((await app.WaitForAsync("start", "light", 0, 2)).Detail, Is.EqualTo("good"));
        await app.StopAsync();
    }

    [Test]
    public async Task Rolling_restart_uses_new_processes_and_renews_the_spare()
    {
        await using var app = TestProgram.Start(OneSpare, "--Heavy", "3");
        var before = new List<int> { await app.WaitForReadyAsync("light", 0) };
        for (var id = 0; id < 3; id++)
        {
            before.Add(await app.WaitForReadyAsync("heavy", id));
        }

        before.Add(await SpareAsync(app));
        app.Command("restart heavy");

        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Reloaded ").And.Contain("heavy:0/3"));
        var after = await SpareAsync(app);
        await app.UntilAsync(() => Linux.ChildrenOf(app.ProcessId).Count == 5, "four workers and the spare");
        var workers = Linux.ChildrenOf(app.ProcessId);
        Assert.That(workers.Intersect(before), Is.EqualTo(before[..1]), "only the light worker was not replaced");
        Assert.That(workers, Does.Contain(after));
        await app.StopAsync();
    }

    [Test]
    public async Task Spare_exits_when_its_master_is_killed()
    {
        await using var app = TestProgram.Start(OneSpare);
        await SpareAsync(app);
        app.Signal(Linux.Kill);

        await app.UntilGoneAsync(TimeSpan.FromSeconds(20));
    }

    [Test]
    public async Task Service_with_its_own_environment_does_not_use_the_spare()
    {
        await using var app = TestProgram.Start(OneSpare, "--Cotyledon:Services:heavy:Environment:OWN", "1");
        await app.WaitForAllReadyAsync();
        var spare = await SpareAsync(app);
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        var heavy = await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        Linux.Send(await app.WaitForReadyAsync("light", 0), Linux.Kill);

        Assert.That(await app.WaitForReadyAsync("light", 0, incarnation: 2), Is.EqualTo(spare));
        Assert.That(Linux.EnvironmentOf(heavy)["OWN"], Is.EqualTo("1"));
        await app.StopAsync();
    }

    /// <summary>Waits for a spare worker. Its process title says so, but also that of a worker that has just got its worker id.</summary>
    internal static async Task<int> SpareAsync(TestProgram app)
    {
        var spare = 0;
        await app.UntilAsync(
            () => (spare = Linux.ChildrenOf(app.ProcessId).FirstOrDefault(IsSpare)) != 0, "a spare worker");
        return spare;

        bool IsSpare(int process) => Linux.TitleOf(process).EndsWith("spare worker", StringComparison.Ordinal)
            && app.Trace.All(t => t.What != "event" || !t.Detail.Equals($"Assigned {process}", StringComparison.Ordinal));
    }
}
