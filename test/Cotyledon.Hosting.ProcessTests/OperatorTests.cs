using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>What an operator does with single workers and sees of them, through the manager.</summary>
public class OperatorTests
{
    [Test]
    public async Task Restart_of_one_worker_replaces_this_worker_only_and_starts_the_new_process_first()
    {
        await using var app = TestProgram.Start("--Light", "-1");
        var kept = await app.WaitForReadyAsync("heavy", 0);
        var old = await app.WaitForReadyAsync("heavy", 1);
        app.Command("restart heavy 1");
        Assert.That((await app.WaitForAsync("result")).Detail, Is.EqualTo("Reloaded changed= heavy:0/1 errors="));

        // Events may be traced after the result.
        var current = await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        var started = app.Trace.First(t => t.IsEvent("Started") && t.Detail == $"Started {current}");
        var exited = await ExitOfAsync(app, 1, incarnation: 1);
        Assert.That((Linux.Exists(old), Linux.Exists(kept)), Is.EqualTo((false, true)));
        Assert.That(started.Time, Is.LessThan(exited.Time));

        app.Command("operations");
        Assert.That(
            (await app.WaitForAsync("operation")).Detail, Is.EqualTo("Restart Reloaded by=code heavy/1:Replaced:1-2"));
        await app.StopAsync();
    }

    [Test]
    public async Task Restart_of_one_worker_by_a_process_that_cannot_start_keeps_the_old_one()
    {
        await using var app = Settings.Start(
            Settings.Text("one", more: "\"WorkerHostFails\": false,"), "--Cotyledon:ReloadOnChange", "false", "--Light", "-1");
        var old = await app.WaitForReadyAsync("heavy", 1);
        new Settings(app.Directory).Write(Settings.Text("two", more: "\"WorkerHostFails\": true,"));
        app.Command("restart heavy 1");

        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Failed ").And.Contain("the worker's host, as scripted"));
        Assert.That(Linux.Exists(old));
        app.Command("operations");
        Assert.That((await app.WaitForAsync("operation")).Detail, Is.EqualTo("Restart Failed by=code heavy/1:Failed:1-"));
        await app.StopAsync();
    }

    [Test]
    public async Task Kill_hits_the_named_incarnation_and_never_its_replacement()
    {
        await using var app = TestProgram.Start("--Light", "-1");
        var old = await app.WaitForReadyAsync("heavy", 1);
        app.Command("kill heavy 1 1");
        Assert.That((await app.WaitForAsync("killed")).Detail, Is.EqualTo("True"));
        var exited = await ExitOfAsync(app, 1, incarnation: 1);
        Assert.That(exited.Detail, Is.EqualTo($"Exited {old} Killed code= signal=9"));

        var current = await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        app.Command("kill heavy 1 1");
        Assert.That((await app.WaitForAsync(2, "killed"))[1].Detail, Is.EqualTo("False"));
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        Assert.That(Linux.Exists(current));
        await app.StopAsync();
    }

    [Test]
    public async Task Kill_ends_a_worker_that_is_stopped_by_a_signal()
    {
        await using var app = TestProgram.Start("--Light", "-1");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(worker, Linux.Stop);
        app.Command("kill heavy 0 1");
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }

    [Test]
    public async Task Usage_is_measured_for_the_master_and_each_worker()
    {
        await using var app = TestProgram.Start("--Light", "1");
        await app.WaitForAllReadyAsync();
        app.Command("usage");
        await app.WaitForAsync("done");

        var usages = app.Trace.Where(t => t.Is("usage")).ToList();
        Assert.That(usages.Select(u => (u.Service, u.WorkerId)), Is.EqualTo(new[] { ("", -1), ("heavy", 0), ("heavy", 1), ("light", 0) }));
        Assert.That(Processes(usages), Is.EquivalentTo(Linux.ChildrenOf(app.ProcessId).Append(app.ProcessId)));
        Assert.That(usages.Select(u => long.Parse(u.Detail.Split(' ')[2], CultureInfo.InvariantCulture)), Is.All.GreaterThan(1024 * 1024));
        await app.StopAsync();
    }

    [Test]
    public async Task Past_events_are_replayed_with_their_numbers_before_new_ones()
    {
        await using var app = TestProgram.Start("--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Command("replay 0 14");
        app.Command("replay 4 10");
        app.Command("restart heavy");
        await app.WaitForAsync(24, "replayed");
        await app.WaitForAsync(14, "event");

        string[] live = [.. app.Trace.Where(t => t.Is("event")).Take(14).Select((t, i) => $"{t.WorkerId} {i + 1} {Words(t.Detail, 0)}")];
        Assert.That(Replayed(app, after: 0), Is.EqualTo(live));
        Assert.That(Replayed(app, after: 4), Is.EqualTo(live[4..]));
        await app.StopAsync();
    }

    private static IEnumerable<string> Replayed(TestProgram app, int after) => app.Trace
        .Where(t => t.Is("replayed") && Words(t.Detail, 0).Split(' ')[0] == $"{after}")
        .Select(t => $"{t.WorkerId} {Words(t.Detail, 1, count: 3)}");

    private static async Task<TraceLine> ExitOfAsync(TestProgram app, int workerId, int incarnation)
    {
        TraceLine? exit = null;
        await app.UntilAsync(
            () => (exit = app.Trace.FirstOrDefault(t => t.Is("event", "heavy", workerId, incarnation) && t.IsEvent("Exited"))) is not null,
            $"exit of heavy({workerId}) #{incarnation}");
        return exit!;
    }

    private static string Words(string detail, int begin, int count = 2) => string.Join(' ', detail.Split(' ').Skip(begin).Take(count));

    private static IEnumerable<int> Processes(IEnumerable<TraceLine> usages) =>
        usages.Select(u => int.Parse(u.Detail.Split(' ')[0], CultureInfo.InvariantCulture));
}
