using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>A queue in the master, and workers that consume it.</summary>
public partial class QueueTests
{
    /// <summary>The number of items that the test program adds at once and traces as accepted.</summary>
    public const int Part = 500;

    [Test, Category("Aot")]
    public async Task Items_added_by_the_master_are_completed_by_workers()
    {
        await using var app = Start(consumers: 3);
        for (var id = 0; id < 3; id++)
        {
            await app.WaitForReadyAsync("consumer", id);
        }

        app.Command("enqueue 5000");
        await AllDoneAsync(app, 5000);

        var done = Done(app);
        Assert.That(done.Select(d => d.Id), Is.EquivalentTo(Enumerable.Range(1, 5000)));
        Assert.That(done.Select(d => d.ProcessId).Distinct().Count(), Is.GreaterThan(1), "more than one worker completes items");
        await app.StopAsync();
    }

    [Test, Category("Aot")]
    public async Task Items_added_by_workers_are_completed_by_workers()
    {
        await using var app = Start(consumers: 2, "--Producers=2", "--Produce=3000");
        await AllDoneAsync(app, 6000);

        Assert.That(Done(app).Select(d => d.Id), Is.EquivalentTo(Enumerable.Range(0, 6000)));
        await app.StopAsync();
    }

    [Test]
    public async Task One_consumer_completes_the_items_of_one_producer_in_order()
    {
        await using var app = Start(consumers: 1);
        app.Command("enqueue 3000");
        await AllDoneAsync(app, 3000);

        Assert.That(Done(app).Select(d => d.Id), Is.EqualTo(Enumerable.Range(1, 3000)));
        await app.StopAsync();
    }

    [Test]
    public async Task Item_is_redelivered_immediately_when_its_worker_is_killed()
    {
        await using var app = Start(consumers: 2);
        app.Command("enqueue-one hang");
        var first = await app.WaitForAsync("hangs");
        Linux.Send(first.ProcessId, Linux.Kill);

        var second = (await app.WaitForAsync(2, "hangs"))[1];
        Assert.That(second.ProcessId, Is.Not.EqualTo(first.ProcessId));
        await CountsAsync(app, "taken=1 completed=0 dead=0 redelivered=1");
        await app.StopAsync();
    }

    [Test]
    public async Task Item_is_redelivered_when_its_worker_terminates_gracefully()
    {
        await using var app = Start(consumers: 2);
        app.Command("enqueue-one hang");
        var first = await app.WaitForAsync("hangs");
        Linux.Send(first.ProcessId, Linux.Terminate);

        Assert.That((await app.WaitForAsync(2, "hangs"))[1].ProcessId, Is.Not.EqualTo(first.ProcessId));
        await app.StopAsync();
    }

    [Test]
    public async Task Item_is_redelivered_to_another_worker_when_its_lease_expires()
    {
        await using var app = Start(consumers: 2, "--Cotyledon:Queues:work:LeaseTimeout=00:00:01");
        app.Command("enqueue-one hang");

        var hangs = await app.WaitForAsync(2, "hangs");
        Assert.That(hangs[0].ProcessId, Is.Not.EqualTo(hangs[1].ProcessId));
        await app.StopAsync();
    }

    [TestCase("exit")]
    [TestCase("throw", Category = "Long")]
    [Category("Guarantee 11")]
    public async Task Item_that_crashes_its_workers_becomes_dead_and_all_other_items_are_completed(string action)
    {
        await using var app = Start(
            consumers: 2, "--Cotyledon:Queues:work:MaxAttempts=3", "--Cotyledon:Services:consumer:RestartBackoff=00:00:00.01");
        app.Command($"enqueue-one {action}");
        app.Command("enqueue 2000");
        await AllDoneAsync(app, 2000, dead: 1);

        app.Command("retry-dead");
        Assert.That((await app.WaitForAsync("dead")).Detail, Is.EqualTo("1:3"));
        Assert.That((await app.WaitForAsync("retried")).Detail, Is.EqualTo("1"));
        await CountsAsync(app, "waiting=0 taken=0 completed=2000 dead=1");
        await app.StopAsync();
    }

    [Test]
    public async Task Item_that_is_always_abandoned_becomes_dead_after_its_attempts()
    {
        await using var app = Start(consumers: 1, "--Cotyledon:Queues:work:MaxAttempts=4");
        app.Command("enqueue-one abandon");
        await CountsAsync(app, "waiting=0 taken=0 completed=0 dead=1 redelivered=3");

        Assert.That(app.Trace.Where(t => t.What == "abandons").Select(t => t.Detail), Is.EqualTo(new[] { "1 1", "1 2", "1 3", "1 4" }));
        await app.StopAsync();
    }

    [Test]
    public async Task Full_queue_blocks_producers_but_delays_neither_reload_nor_stop()
    {
        await using var app = Start(consumers: 0, "--Producers=1", "--Produce=100000", "--Cotyledon:Queues:work:Capacity=1000");
        await app.WaitForReadyAsync("producer", 0);
        await CountsAsync(app, "waiting=1000 taken=0");
        app.Command("reload");

        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Reloaded"));
        Assert.That(app.Trace.Any(t => t.What == "produced"), Is.False);
        await app.StopAsync();
    }

    [Test]
    public async Task Workers_terminate_gracefully_when_the_master_with_their_queue_is_killed()
    {
        await using var app = Start(consumers: 2, "--Producers=1", "--Produce=100000", "--Cotyledon:Queues:work:Capacity=10");
        app.Command("enqueue-one hang");
        app.Command("enqueue-one hang");
        await app.WaitForAsync(2, "hangs");
        await app.WaitForReadyAsync("consumer", 0);
        await app.WaitForReadyAsync("consumer", 1);
        await app.WaitForReadyAsync("producer", 0);
        app.Signal(Linux.Kill);

        // Less than the graceful timeout of one minute.
        await app.UntilGoneAsync(TimeSpan.FromSeconds(30));
        Assert.That(app.Trace.Count(t => t.What == "end-worker"), Is.EqualTo(3), "Main of each worker ended");
    }

    [Test]
    public async Task Invalid_queue_options_fail_the_start_with_an_error_for_each()
    {
        await using var app = Start(consumers: 1, "--Cotyledon:Queues:work:Capacity=many", "--Cotyledon:Queues:work:Provider=Carrier pigeon");

        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilGoneAsync();
        Assert.That(app.Output, Does.Contain("Cotyledon:Queues:work:Capacity is 'many'").And.Contain("it must be a whole number"));
        Assert.That(app.Output, Does.Contain("Provider is 'Carrier pigeon'").And.Contain("it must be one of Memory"));
    }

    [Test]
    public async Task Queue_options_are_validated_at_a_reload_and_apply_at_the_next_start()
    {
        await using var app = Settings.Start(
            """{ "Cotyledon": { "Queues": { "work": { "Capacity": 10 } } } }""", "--Heavy=-1", "--Light=-1", "--Consumers=1");
        await app.WaitForReadyAsync("consumer", 0);
        var settings = new Settings(app.Directory);

        settings.Write("""{ "Cotyledon": { "Queues": { "work": { "Capacity": -1 } } } }""");
        await app.UntilAsync(
            () => app.Output.Contains("Cotyledon:Queues:work:Capacity is -1", StringComparison.Ordinal), "the error");
        settings.Write("""{ "Cotyledon": { "Queues": { "work": { "Capacity": 20 }, "other": { } } } }""");
        await app.UntilAsync(
            () => app.Output.Contains("Cotyledon:Queues:work:Capacity is read at the start only", StringComparison.Ordinal)
                && app.Output.Contains("no queue 'other' is registered", StringComparison.Ordinal),
            "the warnings");
        await app.StopAsync();
    }

    /// <summary>No item is lost when workers are killed.</summary>
    [Test]
    [Category("Long"), Category("Guarantee 11")]
    public async Task Hundred_thousand_items_are_completed_while_a_worker_is_killed_every_100_ms()
    {
        const int items = 100_000;
        await using var app = Start(
            consumers: 8, "--Cotyledon:Services:consumer:RestartBackoff=00:00:00.01", "--Cotyledon:Services:consumer:MaxRestartBackoff=00:00:00.05");
        for (var id = 0; id < 8; id++)
        {
            await app.WaitForReadyAsync("consumer", id);
        }

        app.Command(string.Create(CultureInfo.InvariantCulture, $"enqueue {items}"));
        var random = new Random(6);
        var kills = 0;
        while (Done(app).Select(d => d.Id).Distinct().Count() < items)
        {
            KillAnyConsumer(app, random);
            kills++;
            await Task.Delay(100);
            Assert.That(kills, Is.LessThan(1000), "the items are not completed");
        }

        await CountsAsync(app, $"waiting=0 taken=0 completed={items} dead=0");
        TestContext.Out.WriteLine($"{kills} kills; {Done(app).Count - items} items were done twice.");
        Assert.That(kills, Is.GreaterThan(3));
        await app.StopAsync();
    }

    internal static void KillAnyConsumer(TestProgram app, Random random)
    {
        var workers = Linux.ChildrenOf(app.ProcessId)
            .Where(p => Linux.TitleOf(p).Contains("consumer", StringComparison.Ordinal)).ToList();
        if (workers.Count > 0)
        {
            Linux.Send(workers[random.Next(workers.Count)], Linux.Kill);
        }
    }

    internal static IEnumerable<int> Accepted(TestProgram app) => app.Trace
        .Where(t => t.What == "accepted")
        .Select(t => t.Detail.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray())
        .SelectMany(range => Enumerable.Range(range[0], range[1] - range[0] + 1));

    internal static TestProgram Start(int consumers, params string[] arguments) =>
        TestProgram.Start(["--Heavy=-1", "--Light=-1", $"--Consumers={consumers}", .. arguments]);

    internal static async Task AllDoneAsync(TestProgram app, int items, int dead = 0) =>
        await CountsAsync(app, $"waiting=0 taken=0 completed={items} dead={dead}");

    /// <summary>Requests the counts of the queue until they contain the given text.</summary>
    internal static async Task CountsAsync(TestProgram app, string wanted)
    {
        await app.WaitForAsync("control");
        await app.UntilAsync(
            () =>
            {
                app.Command("counts");
                return app.Trace.LastOrDefault(t => t.What == "counts")?.Detail.Contains(wanted, StringComparison.Ordinal) == true;
            },
            wanted);
    }

    internal static List<(int Id, int Attempt, int ProcessId)> Done(TestProgram app)
    {
        var files = TraceFile.FilesOf(Path.Combine(app.Directory, "trace.done"));
        return
        [
            .. files.SelectMany(File.ReadLines).Select(line => line.Split(' ')).Where(f => f.Length == 3).Select(f => (
                int.Parse(f[0], CultureInfo.InvariantCulture),
                int.Parse(f[1], CultureInfo.InvariantCulture),
                int.Parse(f[2], CultureInfo.InvariantCulture))),
        ];
    }
}
