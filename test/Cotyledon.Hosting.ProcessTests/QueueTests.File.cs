using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Queues in a file, which outlive the master.</summary>
public partial class QueueTests
{
    /// <summary>Accepted items are completed although the master is killed repeatedly.</summary>
    [Test]
    [Category("Long"), Category("Guarantee 11")]
    public async Task Items_accepted_by_a_file_queue_are_completed_although_masters_and_workers_are_killed()
    {
        const int items = 100_000;
        using var directory = new TemporaryDirectory();
        var accepted = new HashSet<int>();
        var done = new HashSet<int>();
        var random = new Random(7);
        for (var run = 0; run < 5; run++)
        {
            await using var app = StartWithFile(directory.Path, $"--FirstId={run * items}");
            await app.WaitForReadyAsync("consumer", 0);
            app.Command(string.Create(CultureInfo.InvariantCulture, $"enqueue {items / 4}"));
            for (var kills = 0; kills < 3; kills++)
            {
                await Task.Delay(random.Next(20, 150));
                KillAnyConsumer(app, random);
            }

            await app.WaitForAsync("accepted");
            app.Signal(Linux.Kill);
            await app.UntilGoneAsync(TimeSpan.FromSeconds(10));
            accepted.UnionWith(Accepted(app));
            done.UnionWith(Done(app).Select(d => d.Id));
        }

        await using var last = StartWithFile(directory.Path, $"--FirstId={5 * items}");
        await CountsAsync(last, "waiting=0 taken=0");
        await CountsAsync(last, "dead=0");
        done.UnionWith(Done(last).Select(d => d.Id));
        TestContext.Out.WriteLine($"{accepted.Count} items were accepted, {done.Count} done.");
        Assert.That(accepted.Except(done), Is.Empty);
        await last.StopAsync();
    }

    /// <summary>An item is dead with the same number of attempts, and can be retried, after the master was killed.</summary>
    [Test]
    [Category("Guarantee 11")]
    public async Task Dead_items_of_a_file_queue_outlive_the_master()
    {
        using var directory = new TemporaryDirectory();
        await using (var first = StartWithFile(directory.Path, "--Cotyledon:Queues:work:MaxAttempts=2"))
        {
            first.Command("enqueue-one abandon");
            first.Command("enqueue 100");
            await AllDoneAsync(first, 100, dead: 1);
            first.Signal(Linux.Kill);
            await first.UntilGoneAsync(TimeSpan.FromSeconds(30));
        }

        await using var second = StartWithFile(directory.Path, "--Cotyledon:Queues:work:MaxAttempts=2");
        await CountsAsync(second, "waiting=0 taken=0 completed=0 dead=1");
        second.Command("retry-dead");
        Assert.That((await second.WaitForAsync("dead")).Detail, Is.EqualTo("1:2"));
        Assert.That((await second.WaitForAsync("retried")).Detail, Is.EqualTo("1"));
        Assert.That((await second.WaitForAsync(2, "abandons")).Select(t => t.Detail), Is.EqualTo(new[] { "1 1", "1 2" }));
        await CountsAsync(second, "waiting=0 taken=0 completed=0 dead=1 redelivered=1");
        await second.StopAsync();
    }

    private static TestProgram StartWithFile(string directory, params string[] arguments) => Start(
        consumers: 4,
        [
            "--Cotyledon:Queues:work:Provider=File",
            $"--Cotyledon:Queues:work:Path={Path.Combine(directory, "work.db")}",
            "--Cotyledon:Services:consumer:RestartBackoff=00:00:00.01",
            "--Cotyledon:Services:consumer:MaxRestartBackoff=00:00:00.05",
            .. arguments,
        ]);
}
