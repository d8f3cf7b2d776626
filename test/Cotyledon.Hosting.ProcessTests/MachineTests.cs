using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Faults of the machine and of a deployment.</summary>
public partial class MachineTests
{
    private const int Seize = 0x4206; // PTRACE_SEIZE

    [Test]
    public async Task Throwing_log_provider_stops_neither_master_nor_workers()
    {
        await using var app = TestProgram.Start("--ThrowingLog", "full", "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        File.WriteAllText(Path.Combine(app.Directory, "full"), "");
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        app.Command("reload");
        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Reloaded "));
        app.Command("reload");
        Assert.That((await app.WaitForAsync(2, "result"))[1].Detail, Does.StartWith("Reloaded "));
        await app.StopAsync();
    }

    [Test]
    public async Task Exception_whose_message_throws_ends_the_worker_as_faulted()
    {
        await using var app = TestProgram.Start("--Script:heavy:Run", "evil@1", "--Heavy", "1", "--Light", "-1");
        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 0, 1)).Detail, Does.StartWith("Faulted code=2"));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Worker_paused_during_hundreds_of_resizes_gets_the_last_count()
    {
        await using var app = TestProgram.Start("--Light", "-1");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        Linux.Send(worker, Linux.Stop);
        for (var i = 0; i < 400; i++)
        {
            app.Command($"resize heavy {2 + (i % 2)}");
        }

        app.Command("resize heavy 4");
        await app.UntilStatusAsync("heavy", status => status.StartsWith("4/4", StringComparison.Ordinal));
        Linux.Send(worker, Linux.Continue);
        await app.UntilAsync(
            () => app.Trace.LastOrDefault(t => t.Is("count", "heavy", 0))?.Detail == "4", "the last worker count");
        await app.StopAsync();
    }

    [Test]
    public async Task Program_whose_directory_was_deleted_stops_with_exit_code_0()
    {
        var copy = Directory.CreateTempSubdirectory("cotyledon-copy-");
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(TestProgram.Executable)!))
        {
            File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
        }

        await using var app = TestProgram.StartAs(
            Path.Combine(copy.FullName, Path.GetFileName(TestProgram.Executable)), _ => { }, "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        copy.Delete(recursive: true);
        await app.StopAsync();
    }

    [Test]
    public async Task Deleted_working_directory_is_named_in_the_error()
    {
        var gone = Directory.CreateTempSubdirectory("cotyledon-gone-");
        await using var app = TestProgram.Start(start => start.WorkingDirectory = gone.FullName, "--Heavy", "1", "--Light", "-1");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        gone.Delete(recursive: true);
        Linux.Send(worker, Linux.Kill);
        await app.UntilAsync(
            () => app.Output.Contains($"Cannot use the working directory {gone.FullName} of the master: No such file or directory"), "the error");
        await app.StopAsync();
    }

    [Test]
    public async Task Exit_reasons_are_recorded_even_if_sigchld_was_ignored_at_the_start()
    {
        await using var app = TestProgram.StartAs(
            "/usr/bin/env", _ => { }, "--ignore-signal=CHLD", TestProgram.Executable, "--Heavy", "1", "--Light", "-1");
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 0, 1)).Detail, Does.StartWith("Signaled code= signal=9"));
        await app.StopAsync();
    }

    [Test]
    public async Task Open_file_limit_below_the_open_count_does_not_end_the_master()
    {
        await using var app = TestProgram.Start("--Light", "-1");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        await LimitFilesAsync(app, 4);
        Linux.Send(worker, Linux.Kill);
        await app.UntilAsync(() => app.Output.Contains($"heavy(0) [{worker}] was killed (SIGKILL)"), "the exit of the worker");
        await LimitFilesAsync(app, 1024);
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        await app.StopAsync();
    }

    [Test]
    public async Task Watchdog_beats_continue_without_a_free_descriptor()
    {
        using var systemd = new NotifySocket();
        await using var app = TestProgram.Start(
            start => (start.Environment["NOTIFY_SOCKET"], start.Environment["WATCHDOG_USEC"]) = (systemd.Address, "1000000"),
            "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        systemd.ReceiveUntil(text => text == "WATCHDOG=1");
        await LimitFilesAsync(app, 4);
        systemd.Drain();
        for (var i = 0; i < 5; i++)
        {
            systemd.ReceiveUntil(text => text == "WATCHDOG=1");
        }

        await LimitFilesAsync(app, 1024);
        await app.StopAsync();
    }

    [Test]
    public async Task Killed_worker_that_a_debugger_holds_costs_no_processor_time_and_is_replaced_later()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Light", "-1");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        using var master = Process.GetProcessById(app.ProcessId);
        using var released = new ManualResetEventSlim();
        var attached = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);

        // The debugger is this thread. When it ends, the kernel releases the worker.
        var debugger = new Thread(() =>
        {
            attached.SetResult(Trace(Seize, worker, 0, 0) == 0 ? 0 : Marshal.GetLastPInvokeError());
            released.Wait();
        })
        {
            IsBackground = true,
        };
        debugger.Start();
        try
        {
            if (await attached.Task is > 0 and var error)
            {
                Assert.Ignore($"Needs the right to trace a process: ptrace(2) has failed with error {error}.");
            }

            Linux.Send(worker, Linux.Kill);
            await app.UntilAsync(() => Linux.StateOf(worker) == "Z", "the exit of the worker");
            var before = master.TotalProcessorTime;
            await Task.Delay(TimeSpan.FromSeconds(2));
            Assert.That(master.TotalProcessorTime - before, Is.LessThan(TimeSpan.FromSeconds(0.5)));
            Assert.That(app.Trace.Count(t => t.Is("hook-dead")), Is.Zero, "it cannot be reaped yet");
        }
        finally
        {
            released.Set();
            debugger.Join();
        }

        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 0, 1)).Detail, Does.StartWith("Signaled code= signal=9"));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }

    /// <summary>With a nice value, the master needs a new thread for each start.</summary>
    [TestCase("process", "MaxMemory", "1 GiB")]
    [TestCase("thread", "Nice", "5", Category = "Long")]
    public async Task Process_limit_fails_worker_starts_and_the_master_recovers(string refused, string setting, string value)
    {
        await using var app = TestProgram.Start("--Light", "-1", $"--Cotyledon:Services:heavy:{setting}", value);
        var worker = await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        using var group = PidsGroup.TryCreate([app.ProcessId, .. Linux.ChildrenOf(app.ProcessId)]);
        if (group is null)
        {
            Assert.Ignore("Needs the pids controller of cgroups and the right to make a group: run it as root.");
        }

        group.SetLimit(1);
        Linux.Send(worker, Linux.Kill);
        await app.WaitForAsync("hook-dead", "heavy", 0, 1);
        await app.UntilAsync(
            () => app.Output.Contains("heavy(0) [] could not be started") && app.Output.Contains("TasksMax"), $"the refused {refused}");
        app.Command("status");
        Assert.That((await app.WaitForAsync("status", "heavy")).Detail, Does.StartWith("1/2 "));
        group.SetLimit(null);
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        await app.StopAsync();
    }

    [Test]
    public async Task Program_that_only_builds_its_host_exits_at_the_first_sigterm()
    {
        await using var app = TestProgram.Start("--migrate");
        await app.WaitForAsync("migrating");
        app.Signal(Linux.Terminate);
        Assert.That(await app.WaitForExitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo(143));
    }

    [Test]
    public async Task Workers_of_a_program_with_a_console_lifetime_ignore_ctrl_c_and_log_nothing()
    {
        await using var app = TestProgram.Start("--ConsoleLifetime", "true", "--Heavy", "1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("light", 0);
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Interrupt);
        Linux.Send(await app.WaitForReadyAsync("light", 0), Linux.Interrupt);
        app.Command("status");
        await app.WaitForAsync("status", "light");
        await app.StopAsync();
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Is.All.StartsWith("Stopped "));
        Assert.That(app.Output.Split("Press Ctrl+C"), Has.Length.EqualTo(2), "logged by the master only");
    }

    [Test]
    public async Task Empty_last_argument_reaches_workers_run_by_dotnet()
    {
        await using var app = TestProgram.StartAs(
            "dotnet", _ => { }, "--roll-forward", "LatestMajor", Path.Combine(TestProgram.BuildDirectory, "Cotyledon.Hosting.TestApp.dll"), "--Light", "-1", "");
        await app.WaitForReadyAsync("heavy", 0);
        Assert.That(app.Trace.Where(t => t.Is("main-worker")).Select(t => t.Detail), Is.All.EqualTo("--Light -1 "));
        await app.StopAsync();
    }

    /// <summary>Sets the soft limit of open files, also below the number of files that are open.</summary>
    private static async Task LimitFilesAsync(TestProgram app, int files)
    {
        using var limit = Process.Start("prlimit", [$"--pid={app.ProcessId}", $"--nofile={files}:"]);
        await limit.WaitForExitAsync();
    }

    [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
    private static partial nint Trace(nint request, nint processId, nint address, nint data);
}
