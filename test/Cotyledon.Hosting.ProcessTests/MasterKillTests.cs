using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Guarantee 4, two hundred times with a native program: a master killed at any time leaves no process.</summary>
[Category("Long"), Category("Native"), NonParallelizable]
public class MasterKillTests
{
    private static readonly int Times = TestProgram.IsNative ? 50 : 12;

    // Masters that run at the same time.
    private const int Lanes = 2;

    private static readonly TimeSpan Graceful = TimeSpan.FromSeconds(2);

    // The second of the guarantee, and five for a machine under load.
    private static readonly TimeSpan Allowed = Graceful + TimeSpan.FromSeconds(6);
    private static readonly string[] Terminates = ["", "", "delay:300", "hang"];

    // The kill is timed from the launch or from a step of the start, because the duration of a start depends on the machine.
    private static readonly string?[] StartSteps = [null, "main-master", "control", "main-worker", "init", "hook-new"];

    [Test, Category("Guarantee 4")]
    public Task Master_killed_at_any_time_of_its_start_leaves_no_process() => KillAsync(
        within: TimeSpan.FromMilliseconds(200),
        (app, random) => StartSteps[random.Next(StartSteps.Length)] is { } step ? app.WaitForAsync(step) : Task.CompletedTask);

    [Test, Category("Guarantee 4")]
    public Task Master_killed_at_any_time_of_a_reload_leaves_no_process() => KillAsync(
        within: TimeSpan.FromMilliseconds(500),
        async (app, _) =>
        {
            await app.WaitForAllReadyAsync();
            app.Command("reload");
        });

    [Test, Category("Guarantee 4")]
    public Task Master_killed_at_any_time_of_a_resize_leaves_no_process() => KillAsync(
        within: TimeSpan.FromMilliseconds(500),
        async (app, random) =>
        {
            await app.WaitForAllReadyAsync();
            app.Command(random.Next(2) == 0 ? "resize heavy 4" : "resize heavy 0");
        });

    [Test, Category("Guarantee 4")]
    public Task Master_killed_at_any_time_of_its_stop_leaves_no_process() => KillAsync(
        within: TimeSpan.FromMilliseconds(350),
        async (app, _) =>
        {
            await app.WaitForAllReadyAsync();
            app.Signal(Linux.Terminate);
        });

    private static async Task KillAsync(TimeSpan within, Func<TestProgram, Random, Task> begin)
    {
        var kills = new ConcurrentBag<Killed>();
        await Parallel.ForEachAsync(
            Enumerable.Range(1, Times),
            new ParallelOptions { MaxDegreeOfParallelism = Lanes },
            async (seed, _) => kills.Add(await KillOnceAsync(seed, within, begin)));
        var processes = string.Join(", ", kills.CountBy(k => k.Processes).OrderBy(c => c.Key).Select(c => $"{c.Key}: {c.Value}"));
        TestContext.Out.WriteLine(
            $"seeds 1 to {Times}: all processes gone after {kills.Max(k => k.Time).TotalMilliseconds:F0} ms at most, "
            + $"{Allowed.TotalMilliseconds:F0} ms allowed; processes before: {processes} times");
    }

    private static async Task<Killed> KillOnceAsync(int seed, TimeSpan within, Func<TestProgram, Random, Task> begin)
    {
        var random = new Random(seed);
        var terminate = Terminates[random.Next(Terminates.Length)];
        var moment = random.NextDouble() * within;
        await using var app = TestProgram.Start(
            "--Cotyledon:GracefulShutdownTimeout", $"{Graceful}", "--Script:heavy:Terminate", terminate);
        await begin(app, random);
        await Task.Delay(moment);
        var (ready, processes) = (ReadyWorkers(app), app.Processes().Count);
        var watch = Stopwatch.StartNew();
        app.Signal(Linux.Kill);

        // Checked twice: during execve(2) a process has no environment, so the first look may miss it.
        await app.UntilAsync(
            () => app.Processes().Count == 0 && app.Processes().Count == 0,
            $"no process left (seed {seed}, terminate '{terminate}', killed after {moment.TotalMilliseconds:F0} ms)",
            Allowed);
        var took = watch.Elapsed;
        var asked = app.Trace.Where(t => t.Is("terminate") || t.Is("stop")).Select(t => t.ProcessId).ToList();
        Assert.That(asked, Is.SupersetOf(ready), $"each ready worker was terminated gracefully (seed {seed}): {app.Describe()}");
        return new Killed(took, processes);
    }

    private static List<int> ReadyWorkers(TestProgram app) =>
        [.. app.Trace
            .Where(t => t.Is("event") && t.Detail.StartsWith("Ready ", StringComparison.Ordinal))
            .Select(t => int.Parse(t.Detail.Split(' ')[1], CultureInfo.InvariantCulture))];

    private sealed record Killed(TimeSpan Time, int Processes);
}
