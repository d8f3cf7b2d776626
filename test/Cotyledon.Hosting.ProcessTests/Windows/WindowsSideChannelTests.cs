namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>Queues, and the log that workers forward.</summary>
[Category("Windows")]
public class WindowsSideChannelTests
{
    [TestCase("Memory")]
    [TestCase("File")]
    public async Task Items_are_completed_although_workers_are_killed(string provider)
    {
        await using var app = Wine.Start(
            "--Heavy", "-1", "--Light", "-1", "--Consumers", "3", "--Cotyledon:Queues:work:Provider", provider,
            "--Cotyledon:Queues:work:Path", "work.db", "--Cotyledon:Queues:work:MaxAttempts", "100",
            "--Cotyledon:Services:consumer:RestartBackoff", "00:00:00.01", "--Cotyledon:Services:consumer:MaxRestarts", "1000");
        for (var id = 0; id < 3; id++)
        {
            await app.WaitForReadyAsync("consumer", id);
        }

        app.Command("enqueue 3000");
        await app.UntilAsync(() => QueueTests.Done(app).Count > 300, "the first items");
        app.Kill(await app.WaitForReadyAsync("consumer", 0));
        app.Kill(await app.WaitForReadyAsync("consumer", 1));
        await QueueTests.AllDoneAsync(app, 3000);
        Assert.That(QueueTests.Done(app).Select(d => d.Id).Distinct(), Is.EquivalentTo(Enumerable.Range(1, 3000)));
        await app.ShutDownAsync();
    }

    [TestCase("failfast")]
    [TestCase("throw")]
    [TestCase("exit:5")]
    public async Task Events_before_a_crash_are_logged(string end)
    {
        await using var app = Wine.Start(
            "--Heavy=-1", "--Light=-1", "--Log=forward", "--Writers=1", "--Lines=300", $"--Script:writer:Run={end}@1",
            "--Cotyledon:Services:writer:RestartBackoff=00:00:00.01");
        await app.WaitForReadyAsync("writer", 0, incarnation: 2);
        await app.ShutDownAsync();
        Assert.That(
            LogLine.ReadAll(app.Directory).Where(l => l.Is("Line") && l.Number("Incarnation") == 1).Select(l => l.Number("Number")),
            Is.EqualTo(Enumerable.Range(0, 300)));
    }

    [Test]
    public async Task Events_of_all_workers_are_logged_and_a_changed_level_reaches_them()
    {
        await using var app = Wine.Start(
            "--Heavy=-1", "--Light=-1", "--Log=forward", "--Writers=3", "--Lines=2000", "--LastLines=2000", "--Tick=50");
        await app.WaitForAsync(3, "wrote");
        app.Command("set LogLevel Debug");
        app.Command("reload");
        await app.UntilAsync(() => LogLine.ReadAll(app.Directory).Any(l => l.Template == "Debug {Number}"), "the level");
        await app.ShutDownAsync();
        var log = LogLine.ReadAll(app.Directory).Where(l => l.Template == "{What} {Number}" && l.Number("Incarnation") == 1).ToList();
        Assert.That(log.Count(l => l.Is("Line")), Is.EqualTo(6000));
        Assert.That(log.Count(l => l.Is("Last")), Is.EqualTo(6000), "also of workers that the reload replaced");
    }
}
