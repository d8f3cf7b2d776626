namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Workers beyond their maximum age or memory are replaced, not more than MaxUnavailable at a time.</summary>
public class RecyclingTests
{
    [Test]
    [Category("Guarantee 5")]
    public async Task Workers_that_reach_their_maximum_age_together_are_replaced_one_after_the_other()
    {
        await using var app = TestProgram.Start(
            "--Heavy", "4", "--Light", "-1", "--Cotyledon:Services:heavy:MaxAge", "00:00:02");
        await app.WaitForAsync(4, "hook-dead");
        for (var id = 0; id < 4; id++)
        {
            await app.WaitForReadyAsync("heavy", id, incarnation: 2);
        }

        await app.StopAsync();
        AssertOneAtATime(app, "MaxAge");
    }

    [Test]
    [Category("Long"), Category("Guarantee 5")]
    public async Task Workers_that_exceed_their_memory_limit_together_are_replaced_one_after_the_other()
    {
        await using var app = TestProgram.Start(
            "--Heavy", "3", "--Light", "-1", "--Script:heavy:Run", "eat:200@1 wait", "--Cotyledon:Services:heavy:MaxMemory", "150M");
        for (var id = 0; id < 3; id++)
        {
            await app.WaitForReadyAsync("heavy", id, incarnation: 2);
        }

        await app.StopAsync();
        AssertOneAtATime(app, "MaxMemory");
        Assert.That(app.Trace.First(t => t.Is("hook-dead")).Detail, Does.Match("It uses [0-9]+ MiB; MaxMemory is 150 MiB"));
        Assert.That(app.Trace.Count(t => t.Is("terminated")), Is.EqualTo(6), "all workers terminated gracefully");
    }

    /// <summary>From a Stopping event to the Ready event of the replacement, no other worker stops as planned.</summary>
    private static void AssertOneAtATime(TestProgram app, string reason)
    {
        var planned = app.Trace
            .Where(t => t.Is("hook-dead") && t.Detail.StartsWith($"{reason} code=0 signal= ", StringComparison.Ordinal))
            .Select(t => (t.WorkerId, t.Incarnation))
            .ToHashSet();
        Assert.That(planned.Count(p => p.Incarnation == 1), Is.GreaterThanOrEqualTo(3), app.Describe);
        var away = new HashSet<int>();
        foreach (var line in app.Trace.Where(t => t.Is("event")))
        {
            if (line.Detail.StartsWith("Stopping", StringComparison.Ordinal) && planned.Contains((line.WorkerId, line.Incarnation)))
            {
                away.Add(line.WorkerId);
            }
            else if (line.Detail.StartsWith("Ready", StringComparison.Ordinal))
            {
                away.Remove(line.WorkerId);
            }

            Assert.That(away, Has.Count.LessThanOrEqualTo(1), app.Describe);
        }
    }
}
