using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Crash loops, giving up, programs that cannot be started, thousands of restarts.</summary>
public class RespawnTests
{
    [Test]
    [Category("Guarantee 7")]
    public async Task Crash_loop_of_one_service_affects_neither_the_other_nor_the_stop()
    {
        await using var app = TestProgram.Start(
            "--Script:heavy:Run", "throw",
            "--Cotyledon:Services:heavy:RestartBackoff", "01:00:00", "--Cotyledon:Services:heavy:MaxRestartBackoff", "01:00:00");
        var light = await app.WaitForReadyAsync("light", 0);

        // Both workers have crashed twice and are in back-off.
        await app.WaitForAsync(4, "hook-dead", "heavy");
        await app.UntilStatusAsync("heavy", status => status.Contains("=BackingOff"));
        Assert.That(Linux.Exists(light));
        var watch = Stopwatch.StartNew();
        await app.StopAsync();
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)), "the stop did not wait for the back-off");
    }

    [Test]
    public async Task Worker_that_was_given_up_stays_down_until_its_service_is_resized()
    {
        await using var app = TestProgram.Start(
            "--Script:heavy:Run", "throw@3", "--Heavy", "1",
            "--Cotyledon:Services:heavy:MaxRestarts", "2", "--Cotyledon:Services:heavy:RestartBackoff", "00:00:00.05");
        await app.WaitForAsync(3, "hook-dead", "heavy");
        await app.UntilStatusAsync("heavy", status => status == "0/1 0=GivenUp");
        await app.WaitForReadyAsync("light", 0);
        app.Command("resize heavy 1");
        await app.WaitForReadyAsync("heavy", 0, incarnation: 4);
        await app.StopAsync();
    }

    [Test]
    public async Task Too_many_crashes_stop_the_program_with_exit_code_3_if_configured()
    {
        await using var app = TestProgram.Start(
            "--Script:heavy:Run", "throw", "--Cotyledon:Services:heavy:MaxRestarts", "1",
            "--Cotyledon:Services:heavy:RestartBackoff", "00:00:00.05", "--Cotyledon:Services:heavy:OnGiveUp", "StopHost");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(3), app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("end-master")), Is.EqualTo(1), "the host was stopped gracefully");
    }

    [Test]
    public async Task First_crash_stops_the_program_if_configured()
    {
        await using var app = TestProgram.Start(
            "--Script:heavy:Run", "throw", "--Heavy", "1", "--Cotyledon:Services:heavy:MaxRestarts", "0",
            "--Cotyledon:Services:heavy:OnGiveUp", "StopHost");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(3), app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("init", "heavy")), Is.EqualTo(1));
    }

    [Test]
    public async Task Fault_of_a_background_service_created_by_a_factory_is_recorded()
    {
        await using var app = TestProgram.Start("--Made", "1", "--Script:made:Run", "throw@1", "--Heavy", "-1", "--Light", "-1");
        Assert.That((await app.WaitForAsync("hook-dead", "made", 0, 1)).Detail, Does.StartWith("Faulted code=2 "));
        await app.WaitForReadyAsync("made", 0, incarnation: 2);
        await app.StopAsync();
    }

    [Test]
    public async Task Worker_that_crashes_after_its_stable_time_is_restarted_immediately()
    {
        await using var app = TestProgram.Start(
            "--Script:heavy:Run", "delay:500 throw", "--Heavy", "1", "--Cotyledon:Services:heavy:StableAfter", "00:00:00.05",
            "--Cotyledon:Services:heavy:RestartBackoff", "00:01:00", "--Cotyledon:Services:heavy:MaxRestartBackoff", "00:01:00");
        var dead = await app.WaitForAsync(4, "hook-dead", "heavy");
        Assert.That(dead.Select(d => d.Detail), Is.All.Contain("next=0 "));
        await app.StopAsync();
    }

    [Test]
    public async Task Worker_whose_host_cannot_be_built_is_recorded_as_faulted()
    {
        await using var app = TestProgram.Start("--WorkerHostFails", "true", "--Light", "-1", "--Heavy", "1");
        var dead = await app.WaitForAsync("hook-dead", "heavy", 0, 0);
        Assert.That(dead.Detail, Does.StartWith("Faulted ").And.Contain("the worker's host, as scripted"));
        Assert.That(dead.Detail, Does.Not.Contain("next=0 "), "a back-off from the first time on");
        await app.StopAsync();
    }

    [Test]
    public async Task Missing_executable_is_a_failed_start_with_back_off()
    {
        var directory = Directory.CreateTempSubdirectory("cotyledon-copy-");
        try
        {
            foreach (var file in Directory.EnumerateFiles(TestProgram.BuildDirectory))
            {
                File.Copy(file, Path.Combine(directory.FullName, Path.GetFileName(file)));
            }

            var executable = Path.Combine(directory.FullName, Path.GetFileName(TestProgram.Executable));
            await using var app = TestProgram.StartAs(
                executable, _ => { }, "--Heavy", "1", "--Light", "-1", "--Cotyledon:Services:heavy:RestartBackoff", "00:00:00.2",
                "--Cotyledon:Services:heavy:MaxRestartBackoff", "00:00:00.5");
            await app.WaitForReadyAsync("heavy", 0);
            File.Move(executable, executable + ".away");
            Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
            var failed = await app.WaitForAsync(2, "hook-dead", "heavy", 0, 0);
            Assert.That(failed.Select(f => f.Detail), Is.All.StartsWith("StartFailed ").And.All.Contain("Cannot start"));
            Assert.That(failed.Select(f => f.Detail), Is.All.Contain("pid= "));
            File.Move(executable + ".away", executable);
            await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
            await app.StopAsync();
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Test]
    [Category("Long")]
    public async Task Master_without_free_descriptors_recovers()
    {
        await using var app = TestProgram.Start("--Cotyledon:Services:heavy:MaxRestartBackoff", "00:00:01");
        await app.WaitForAllReadyAsync();

        // Room for ten more workers: the master needs three descriptors for each and reserves 32.
        var limit = Linux.DescriptorsOf(app.ProcessId) + 30 + 32;
        await System.Diagnostics.Process.Start("prlimit", [$"--pid={app.ProcessId}", $"--nofile={limit}"]).WaitForExitAsync();
        app.Command("resize heavy 30");
        await app.UntilAsync(
            () => app.Trace.Any(t => t.Is("hook-dead", "heavy") && t.Detail.StartsWith("StartFailed", StringComparison.Ordinal)),
            "a failed start",
            TimeSpan.FromSeconds(90));
        app.Command("resize heavy 3");
        await app.UntilAsync(() => app.Trace.Any(t => t.Is("done") && t.Detail == "resize heavy 3"), "resized", TimeSpan.FromSeconds(90));
        Assert.That(app.Processes(), Has.Count.EqualTo(5));
        await app.StopAsync();
    }

    [Test]
    public async Task Master_without_free_descriptors_stops_gracefully()
    {
        await using var app = TestProgram.Start("--Cotyledon:Services:heavy:MaxRestartBackoff", "00:00:01");
        await app.WaitForAllReadyAsync();
        var limit = Linux.DescriptorsOf(app.ProcessId) + 12;
        await System.Diagnostics.Process.Start("prlimit", [$"--pid={app.ProcessId}", $"--nofile={limit}:"]).WaitForExitAsync();
        app.Command("resize heavy 14");
        await app.UntilAsync(
            () => app.Trace.Count(t => t.Is("hook-dead", "heavy") && t.Detail.StartsWith("StartFailed", StringComparison.Ordinal)) > 20,
            "failed starts",
            TimeSpan.FromSeconds(90));
        await app.StopAsync();
    }

    [Test]
    [Category("Long"), Category("Guarantee 8"), Category("Guarantee 9")]
    public async Task Thousand_kills_leak_no_resources_in_the_master()
    {
        await using var app = TestProgram.Start(
            "--Heavy", "4", "--Light", "-1", "--Cotyledon:Services:heavy:StableAfter", "00:00:00",
            "--Cotyledon:Services:heavy:RestartBackoff", "00:00:00.01", "--Cotyledon:Services:heavy:MaxRestartBackoff", "00:00:00.02");
        var killed = new HashSet<int>();
        var random = new Random(26);

        // During the first kills the master loads code that it has not used before.
        await KillAsync(200);
        await AllReadyAsync();
        var before = await Footprint.OfMasterAsync(app);
        await KillAsync(1000);
        await AllReadyAsync();
        (await Footprint.OfMasterAsync(app)).AssertIsNotMoreThan(before);
        await app.UntilAsync(
            () => Linux.ChildrenOf(app.ProcessId).Count == 4, "no zombie");
        await app.StopAsync();
        var started = app.Trace
            .Where(t => t.Is("event") && t.Detail.StartsWith("Started ", StringComparison.Ordinal))
            .Select(t => t.Detail.Split(' ')[1]);
        var exits = app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail.Split("pid=")[1].Split(' ')[0]).ToList();
        Assert.That(exits, Is.Unique, "one exit record for each start");
        Assert.That(exits, Is.SupersetOf(started));
        Assert.That(exits, Is.SupersetOf(killed.Select(k => $"{k}")));

        async Task KillAsync(int count)
        {
            for (var end = killed.Count + count; killed.Count < end;)
            {
                var workers = Linux.ChildrenOf(app.ProcessId).Where(c => !killed.Contains(c)).ToArray();
                if (workers.Length > 0)
                {
                    // In any state: starting, spare, ready.
                    var victim = workers[random.Next(workers.Length)];
                    killed.Add(victim);
                    Linux.Send(victim, Linux.Kill);
                }

                await Task.Delay(random.Next(1, 30));
            }
        }

        Task AllReadyAsync() => app.UntilStatusAsync("heavy", status => status == "4/4 0=Ready 1=Ready 2=Ready 3=Ready");
    }
}
