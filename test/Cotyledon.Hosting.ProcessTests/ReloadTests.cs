using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Reloads in place and by replacement.</summary>
public class ReloadTests
{
    [Test]
    [Category("Aot")]
    public async Task Sighup_to_one_worker_reloads_only_that_worker_in_place()
    {
        await using var app = TestProgram.Start();
        await app.WaitForAllReadyAsync();
        var worker = await app.WaitForReadyAsync("heavy", 1);
        Linux.Send(worker, Linux.Hangup);
        Assert.That((await app.WaitForAsync("reloaded")).ProcessId, Is.EqualTo(worker));
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("reload")), Is.EqualTo(1));
        Assert.That(app.Trace.Count(t => t.Is("init")), Is.EqualTo(2));
    }

    [Test]
    public async Task Sighup_to_a_worker_without_a_reload_method_replaces_it_with_the_same_id()
    {
        await using var app = TestProgram.Start("--Heavy", "-1");
        Linux.Send(await app.WaitForReadyAsync("light", 0), Linux.Hangup);
        Assert.That((await app.WaitForAsync("hook-dead", "light", 0, 1)).Detail, Does.StartWith("Replaced code=0 ").And.Contain("next=0 "));
        await app.WaitForReadyAsync("light", 0, incarnation: 2);
        await app.StopAsync();
    }

    [Test]
    [Category("Aot")]
    public async Task Sighup_to_the_master_runs_hooks_then_reloads_or_replaces_all_workers()
    {
        await using var app = Settings.Start(Settings.Text("one"), "--Cotyledon:ReloadOnChange", "false");
        await app.WaitForAllReadyAsync();
        new Settings(app.Directory).Write(Settings.Text("two"));
        app.Signal(Linux.Hangup);
        var reloads = await app.WaitForAsync(2, "reload", "heavy");
        Assert.That(reloads.Select(r => r.Detail), Is.All.EqualTo("two"), "the worker has read the file before its service reloads");
        Assert.That((await app.WaitForAsync("start", "light", 0, 2)).Detail, Is.EqualTo("two"));
        await app.WaitForReadyAsync("light", 0, incarnation: 2);
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("hook-reload")), Is.EqualTo(1));
        Assert.That(app.Trace.First(t => t.Is("hook-reload")).Time, Is.LessThan(reloads[0].Time));
        Assert.That(app.Trace.Count(t => t.Is("init", "heavy")), Is.EqualTo(2), "workers with a reload method were not replaced");
    }

    [Test]
    public async Task Reload_result_lists_changed_keys_and_the_workers_of_each_service()
    {
        await using var app = Settings.Start(Settings.Text("one"), "--Cotyledon:ReloadOnChange", "false");
        await app.WaitForAllReadyAsync();
        new Settings(app.Directory).Write(Settings.Text("two"));
        app.Command("reload");
        Assert.That((await app.WaitForAsync("result")).Detail, Is.EqualTo("Reloaded changed=Value heavy:2/0 light:0/1 errors="));
        await app.StopAsync();
    }

    [Test]
    public async Task Reload_method_None_changes_no_worker_and_Restart_replaces_all()
    {
        await using var app = TestProgram.Start(
            "--Cotyledon:Services:heavy:ReloadMethod", "Restart", "--Cotyledon:Services:light:ReloadMethod", "None");
        await app.WaitForAllReadyAsync();
        app.Command("reload");
        Assert.That((await app.WaitForAsync("result")).Detail, Is.EqualTo("Reloaded changed= heavy:0/2 errors="));
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("start", "light")), Is.EqualTo(1));
    }

    [TestCase("throw", "Faulted code=2 ")]
    [TestCase("leave:44", "Exited code=44 ")]
    public async Task Worker_whose_reload_throws_exits_and_is_replaced(string action, string expected)
    {
        await using var app = TestProgram.Start("--Script:heavy:Reload", $"{action}@1", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        app.Command("reload");
        Assert.That((await app.WaitForAsync("hook-dead", "heavy")).Detail, Does.StartWith(expected));
        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Reloaded changed= heavy:0/1 "));
        await app.StopAsync();
    }

    [Test]
    public async Task Worker_whose_reload_hangs_is_replaced_at_the_graceful_timeout()
    {
        await using var app = TestProgram.Start(
            "--Script:heavy:Reload", "hang@1", "--Heavy", "1", "--Light", "-1", "--Cotyledon:GracefulShutdownTimeout", "00:00:02");
        await app.WaitForReadyAsync("heavy", 0);
        app.Command("reload");
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Reloaded changed= heavy:0/1 "));
        await app.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Thousand_sighups_in_a_second_replace_no_worker()
    {
        await using var app = TestProgram.Start("--Light", "-1", "--Heavy", "3");
        for (var id = 0; id < 3; id++)
        {
            await app.WaitForReadyAsync("heavy", id);
        }

        for (var i = 0; i < 1000; i++)
        {
            app.Signal(Linux.Hangup);
            if (i % 10 == 0)
            {
                await Task.Delay(10);
            }
        }

        app.Command("reload");
        await app.WaitForAsync("result");
        await app.UntilStatusAsync("heavy", status => status == "3/3 0=Ready 1=Ready 2=Ready");
        Assert.That(app.Trace.Count(t => t.Is("init")), Is.EqualTo(3));
        await app.StopAsync();
    }

    [Test]
    public async Task Sighup_while_workers_start_is_not_lost_and_a_stop_overrides_a_pending_reload()
    {
        await using var app = TestProgram.Start("--Script:light:Start", "delay:1500@1", "--Cotyledon:GracefulShutdownTimeout", "00:00:10");
        await app.WaitForAsync("start", "light");

        // A worker that gets its worker id after the reload has begun has the new configuration already and is not reloaded.
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Signal(Linux.Hangup);
        await app.WaitForReadyAsync("light", 0, incarnation: 2);
        await app.WaitForAsync(2, "reloaded", "heavy");
        app.Signal(Linux.Hangup);
        await app.StopAsync();
        app.Signal(Linux.Hangup);
    }

    [Test]
    public async Task Sighup_during_the_stop_changes_nothing()
    {
        await using var app = TestProgram.Start("--Script:heavy:Terminate", "delay:500");
        await app.WaitForAllReadyAsync();
        app.Signal(Linux.Terminate);
        app.Signal(Linux.Hangup);
        await app.WaitForAsync(2, "terminate");
        app.Signal(Linux.Hangup);
        Assert.That(await app.WaitForExitAsync(), Is.Zero);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("init")), Is.EqualTo(2));
    }

    [Test]
    public async Task Change_of_only_the_worker_count_reloads_no_worker()
    {
        await using var app = Settings.Start(Settings.Text("one", heavy: 2));
        await app.WaitForAllReadyAsync();
        new Settings(app.Directory).Write(Settings.Text("one", heavy: 3));
        await app.WaitForReadyAsync("heavy", 2);
        Assert.That((await app.WaitForAsync("count", "heavy", 0)).Detail, Is.EqualTo("3"));
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("reload") || t.Is("hook-reload")), Is.Zero);
        Assert.That(app.Trace.Count(t => t.Is("start", "light")), Is.EqualTo(1));
    }

    [Test]
    public async Task Same_content_written_fifty_times_reloads_no_worker()
    {
        await using var app = Settings.Start(Settings.Text("one"));
        await app.WaitForAllReadyAsync();
        var settings = new Settings(app.Directory);
        for (var i = 0; i < 50; i++)
        {
            settings.Write(Settings.Text("one"));
            await Task.Delay(10);
        }

        // This change is handled after the writes above.
        settings.Write(Settings.Text("two"));
        await app.WaitForAsync(2, "reload", "heavy");
        await app.StopAsync();
        Assert.That(app.Trace.Where(t => t.Is("reload")).Select(t => t.Detail), Is.EqualTo(new[] { "two", "two" }));
    }

    [Test]
    public async Task Fifty_different_writes_in_a_second_cause_at_most_two_reloads()
    {
        await using var app = Settings.Start(Settings.Text("0"), "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        var (begin, last, pauses) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(), 0);
        for (var i = 1; i <= 50; i++)
        {
            new Settings(app.Directory).Write(Settings.Text($"{i}"));
            await Task.Delay(15);
            pauses += Stopwatch.GetElapsedTime(last) > TimeSpan.FromMilliseconds(100) ? 1 : 0;
            last = Stopwatch.GetTimestamp();
        }

        // After 200 ms without a write, and every two seconds, the master reloads. A machine under load makes such pauses.
        var allowed = 2 + pauses + (int)(Stopwatch.GetElapsedTime(begin).TotalSeconds / 2);
        await app.UntilAsync(() => app.Trace.Count(t => t.Is("reload") && t.Detail == "50") == 2, "the last version in both workers");
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("reload", "heavy", 0)), Is.LessThanOrEqualTo(allowed), app.Describe);
    }
}
