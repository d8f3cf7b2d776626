namespace Cotyledon.Hosting.ProcessTests;

/// <summary>A service that reports alive, and waits for its queue longer than its liveness timeout.</summary>
public class QueueLivenessTests
{
    [Test]
    public async Task Consumer_that_reports_alive_is_not_replaced_while_its_queue_is_empty()
    {
        await using var app = Start("consumer", "--Consumers=1");
        app.Command("enqueue 10");
        await QueueTests.AllDoneAsync(app, 10);
        await UntilAHangIsReplacedTwiceAsync(app);

        app.Command("enqueue 10");
        await QueueTests.AllDoneAsync(app, 20);
        Assert.That(QueueTests.Done(app).Select(d => d.ProcessId).Distinct().Count(), Is.EqualTo(1));

        app.Command("enqueue-one hang");
        Assert.That((await app.WaitForAsync("hook-dead", "consumer", 0, 1)).Detail, Does.StartWith("LivenessTimeout "));
        await app.StopAsync();
    }

    [Test]
    public async Task Producer_that_reports_alive_is_not_replaced_while_its_queue_is_full()
    {
        await using var app = Start(
            "producer", "--Consumers=0", "--Producers=1", "--Produce=100000", "--Cotyledon:Queues:work:Capacity=1000");
        await QueueTests.CountsAsync(app, "waiting=1000 taken=0");
        await UntilAHangIsReplacedTwiceAsync(app);

        Assert.That(app.Trace.Any(t => t.Is("hook-dead", "producer")), Is.False);
        await app.StopAsync();
    }

    /// <summary>Watches a service, and another one whose workers do not report, as a measure of time.</summary>
    private static TestProgram Start(string service, params string[] arguments) => TestProgram.Start(
    [
        "--Light=-1",
        "--Heavy=1",
        "--Script:heavy:Run=alive:3600000 wait",
        "--Cotyledon:Services:heavy:LivenessTimeout=2s",
        $"--Cotyledon:Services:{service}:LivenessTimeout=2s",
        .. arguments,
    ]);

    private static async Task UntilAHangIsReplacedTwiceAsync(TestProgram app) =>
        await app.WaitForAsync(app.Trace.Count(t => t.Is("hook-dead", "heavy")) + 2, "hook-dead", "heavy");
}
