using System.Globalization;
namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>Queues, and the log that workers forward.</summary>
[Category("Windows")]
public class WindowsSideChannelTests
{
    private static readonly TimeSpan Graceful = TimeSpan.FromSeconds(2);

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
            "--Heavy=-1", "--Light=-1", "--Log=forward", "--Writers=3", "--Lines=2000", "--LastLines=2000", "--Tick=200");
        await app.WaitForAsync(3, "wrote");
        app.Command("set LogLevel Debug");
        app.Command("reload");
        await UntilDebugAsync(app);
        await app.ShutDownAsync();
        var log = LogLine.ReadAll(app.Directory).Where(l => l.Template == "{What} {Number}" && l.Number("Incarnation") == 1).ToList();
        Assert.That(log.Count(l => l.Is("Line")), Is.EqualTo(6000));
        Assert.That(log.Count(l => l.Is("Last")), Is.EqualTo(6000), "also of workers that the reload replaced");
    }

    [Test]
    public async Task Changed_level_reaches_workers_that_log_without_a_pause()
    {
        await using var app = Wine.Start(
            "--Heavy=-1", "--Light=-1", "--Log=forward", "--Writers=2", "--Tick=0", "--BufferSize=1000",
            "--Cotyledon:Services:writer:ReloadMethod=None");
        await app.WaitForAsync(20, "tick", "writer");
        app.Command("set LogLevel Debug");
        app.Command("reload");
        await UntilDebugAsync(app);
        await app.ShutDownAsync();
    }

    /// <summary>The streams of the queues and of the levels need the thread pool. No deadline of the worker does.</summary>
    [Test]
    public async Task Workers_with_a_blocked_thread_pool_exit_when_the_master_is_killed()
    {
        await using var app = StartThatBlocks();
        await UntilBlockedAsync(app);
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Graceful + TimeSpan.FromSeconds(6)); // The second of the guarantee, and five for a machine under load.
    }

    [Test]
    public async Task Workers_with_a_blocked_thread_pool_exit_at_their_graceful_timeout_and_their_events_are_logged()
    {
        await using var app = StartThatBlocks();
        await UntilBlockedAsync(app);
        await app.ShutDownAsync(exitCode: 1);
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Has.Exactly(2).StartsWith("StopTimeout code=1 "));
        Assert.That(LogLine.ReadAll(app.Directory).Count(l => l.Is("Line")), Is.EqualTo(300));

        // Usually 100. The thread pool adds a thread from time to time, which may run the loop again before it is blocked too.
        var written = int.Parse(app.Trace.Last(t => t.Is("tick")).Detail, CultureInfo.InvariantCulture);
        Assert.That(LogLine.ReadAll(app.Directory).Count(l => l.Is("Tick")), Is.InRange(written, written + 100), "written with the blocked thread pool");
    }

    [Test]
    public async Task Workers_with_a_blocked_thread_pool_are_replaced_at_their_liveness_timeout_and_their_item_is_delivered_again()
    {
        await using var app = StartThatBlocks(
            "--Cotyledon:Services:consumer:LivenessTimeout=00:00:02", "--Cotyledon:Services:writer:LivenessTimeout=00:00:02");
        await UntilBlockedAsync(app);
        await app.WaitForReadyAsync("writer", 0, incarnation: 2);
        await QueueTests.AllDoneAsync(app, 1);
        await app.ShutDownAsync();
        Assert.That(
            app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail),
            Has.Exactly(2).StartsWith("LivenessTimeout ").And.Exactly(2).StartsWith("Stopped code=0 "));
    }

    /// <summary>Waits for an event of level Debug. Does not parse the log, which grows meanwhile.</summary>
    private static Task UntilDebugAsync(TestProgram app) => app.UntilAsync(
        () => Directory.GetFiles(app.Directory, "log-*.json").Any(f => ReadText(f).Contains("Debug {Number}", StringComparison.Ordinal)),
        "the level");

    private static string ReadText(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    /// <summary>Starts a consumer and a writer whose first processes will block their thread pools.</summary>
    private static TestProgram StartThatBlocks(params string[] arguments) => Wine.Start(
    [
        "--Heavy=-1", "--Light=-1", "--Consumers=1", "--Log=forward", "--Writers=1", "--Lines=300", "--Tick=10",
        "--Script:writer:Run=gate@1 blockpool@1", $"--Cotyledon:GracefulShutdownTimeout={Graceful}", .. arguments,
    ]);

    private static async Task UntilBlockedAsync(TestProgram app)
    {
        // The report that a worker is ready needs the thread pool.
        await app.WaitForReadyAsync("consumer", 0);
        await app.WaitForReadyAsync("writer", 0);
        app.OpenGate();
        app.Command("enqueue-one blockpool");
        await app.WaitForAsync("hangs", "consumer");
        await app.WaitForAsync("tick", "writer");
    }
}
