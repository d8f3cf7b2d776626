namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The number of workers changes while the program runs.</summary>
public class ResizeTests
{
    [Test]
    [Category("Long"), Category("Guarantee 1"), Category("Guarantee 2")]
    public async Task Quick_resizes_with_random_kills_settle_at_the_last_count()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        var random = new Random(30);
        foreach (var target in (int[])[50, 1, 7])
        {
            app.Command($"resize heavy {target}");
            await Task.Delay(100);
            var workers = Linux.ChildrenOf(app.ProcessId);
            if (workers.Count > 0)
            {
                Linux.Send(workers[random.Next(workers.Count)], Linux.Kill);
            }
        }

        await app.WaitForAsync(3, "done");
        await app.UntilAsync(() => Linux.ChildrenOf(app.ProcessId).Count == 7, "seven workers, no zombie");
        await app.UntilStatusAsync("heavy", status =>
            status.StartsWith("7/7 ", StringComparison.Ordinal)
            && Enumerable.Range(0, 7).All(id => status.Contains($"{id}=Ready")) && !status.Contains("7="));
        AssertNoIdWasHeldTwice(app.Trace);
        await app.StopAsync();
    }

    [Test]
    public async Task Resize_to_zero_stops_all_workers_of_the_service()
    {
        await using var app = TestProgram.Start("--Heavy", "0");
        await app.WaitForReadyAsync("light", 0);
        Assert.That(Linux.ChildrenOf(app.ProcessId), Has.Count.EqualTo(1));
        app.Command("resize heavy 3");
        for (var id = 0; id < 3; id++)
        {
            await app.WaitForReadyAsync("heavy", id);
        }

        app.Command("resize heavy 0");
        await app.WaitForAsync(2, "done");
        Assert.That(Linux.ChildrenOf(app.ProcessId), Has.Count.EqualTo(1));
        await app.StopAsync();
    }

    [Test]
    public async Task Workers_are_notified_of_the_new_count()
    {
        await using var app = TestProgram.Start("--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Command("resize heavy 3");
        Assert.That((await app.WaitForAsync("count", "heavy", 0)).Detail, Is.EqualTo("3"));
        await app.WaitForReadyAsync("heavy", 2);
        await app.StopAsync();
    }

    [Test]
    public async Task Hook_can_call_ScaleAsync()
    {
        await using var app = TestProgram.Start("--Script:Hooks:DeadWorker", "resize", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        await app.WaitForAsync("hook-resized");
        await app.UntilStatusAsync("heavy", status => status.StartsWith("3/3 ", StringComparison.Ordinal));
        await app.StopAsync();
    }

    [Test, Category("Guarantee 2")]
    public async Task Last_of_several_resizes_takes_effect_and_all_complete()
    {
        await using var app = TestProgram.Start();
        await app.WaitForAllReadyAsync();
        foreach (var target in (int[])[4, 1, 5, 3])
        {
            app.Command($"resize heavy {target}");
        }

        await app.WaitForAsync(4, "done");
        await app.UntilStatusAsync("heavy", status => status.StartsWith("3/3 ", StringComparison.Ordinal));
        Assert.That(app.Trace.Where(t => t.Is("scaled", "heavy")).Select(t => t.Detail), Has.One.EqualTo("3 Scaled"));
        app.Command("resize heavy -1");
        app.Command("resize unknown 1");
        var failed = await app.WaitForAsync(2, "failed");
        Assert.That(failed.Select(f => f.Detail), Has.One.Contain("must be a non-negative value"));
        Assert.That(failed.Select(f => f.Detail), Has.One.Contain("No service 'unknown' is registered. Registered services: heavy, light."));
        await app.StopAsync();
    }

    /// <summary>The exit of a worker precedes the next assignment of its id in the trace.</summary>
    private static void AssertNoIdWasHeldTwice(IReadOnlyList<TraceLine> trace)
    {
        var held = new HashSet<int>();
        foreach (var line in trace.Where(t => t.Is("event", "heavy") && t.Incarnation > 0))
        {
            var kind = line.Detail.Split(' ')[0];
            if (kind == "Assigned")
            {
                Assert.That(held.Add(line.WorkerId), $"slot {line.WorkerId} is held already: {line}");
            }
            else if (kind == "Exited")
            {
                held.Remove(line.WorkerId);
            }
        }
    }
}
