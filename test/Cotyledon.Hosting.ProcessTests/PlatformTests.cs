using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Systems that lack a device, a file system or an init process, and children that were forked without a new program.</summary>
public class PlatformTests
{
    private static readonly string[] OneWorker = ["--Heavy", "1", "--Light", "-1", "--Cotyledon:GracefulShutdownTimeout", "00:00:02"];

    /// <summary>The second of the check without an exit descriptor, and nine for a machine under load.</summary>
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(10);

    [Test, Category("Aot")]
    public async Task Forked_child_that_keeps_the_channel_open_does_not_hide_the_exit_of_its_worker()
    {
        await using var app = TestProgram.Start([.. OneWorker, "--Script:heavy:Run", "fork@1 wait"]);
        var worker = await app.WaitForReadyAsync("heavy", 0);
        await app.UntilAsync(() => Linux.ChildrenOf(worker).Count == 1, "the forked child");
        Linux.Send(worker, Linux.Kill);

        await app.UntilAsync(() => app.Trace.Any(t => t.Is("hook-dead", "heavy", 0, 1)), "the exit of the worker", Noticed);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }

    [Test, Category("Aot")]
    public async Task Forked_child_that_keeps_the_channels_open_does_not_hide_the_exit_of_the_master()
    {
        await using var app = TestProgram.Start(OneWorker);
        var worker = await app.WaitForReadyAsync("heavy", 0);
        app.Command("fork");
        await app.WaitForAsync("done");
        app.Signal(Linux.Kill);

        await app.UntilAsync(() => !Linux.IsAlive(worker), "the exit of the worker", Noticed);
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(1));
    }

    [Test]
    public async Task Log_names_the_signal_that_killed_a_worker()
    {
        await using var app = TestProgram.Start([.. OneWorker, "--Script:heavy:Run", "signal:7@1 wait"]);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();

        Assert.That(app.Output, Does.Contain("was killed (SIGBUS) after "));
    }

    [Test]
    public async Task Missing_null_device_is_named_in_the_error()
    {
        await using var app = StartIsolated(
            ["--mount"], "mount -t tmpfs none /dev && mknod -m 666 /dev/urandom c 1 9", [TestProgram.Executable, .. OneWorker]);

        Assert.That(
            (await app.WaitForAsync("hook-dead", "heavy", 0)).Detail,
            Does.StartWith("StartFailed").And.Contain("Cannot open the device /dev/null: No such file or directory"));
        await app.StopAsync();
    }

    /// <summary>Needs a native program: the just-in-time compiler does not start without <c>/proc</c>.</summary>
    [Test, Category("Aot")]
    public async Task Workers_of_a_killed_master_exit_with_3_without_proc()
    {
        const string bindAllButProc =
            """
            mkdir root && mount -t tmpfs none root || exit
            for entry in /*; do
                if [ -L $entry ]; then cp -P $entry root$entry
                elif [ -d $entry ] && [ $entry != /proc ]; then
                    mkdir root$entry && mount --bind $entry root$entry || exit
                    [ $entry = /tmp ] || mount -o remount,bind,ro root$entry || exit # These are the directories of the machine.
                fi
            done
            set -- chroot root env -C "$PWD" "$@"
            """;
        using var tools = new TemporaryDirectory();
        var subreaper = Path.Combine(tools.Path, "subreaper");
        WallClock.Compile("-o", subreaper, Path.Combine(AppContext.BaseDirectory, "subreaper.c"));
        await using var app = StartIsolated(["--mount"], bindAllButProc, [subreaper, TestProgram.Executable, .. OneWorker]);
        const string noRuntime = "Failed to create CoreCLR";
        await app.UntilAsync(() => app.Trace.Count > 0 || app.Output.Contains(noRuntime), "the start");
        if (app.Output.Contains(noRuntime))
        {
            Assert.Ignore("The just-in-time compiler needs /proc; the target Aot of build.cake runs this test with a native program.");
        }

        var worker = await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(Linux.ChildrenOf(app.ProcessId).Single(), Linux.Kill);
        await app.UntilAsync(
            () => app.Output.Contains($"{worker} has exited") || app.Output.Contains($"{worker} was killed"), "the exit of the worker");
        Assert.That(app.Output, Does.Contain($"{worker} has exited with 3"));
        await app.UntilGoneAsync();
    }

    [Test]
    public async Task Master_that_is_process_1_reaps_the_processes_that_a_worker_has_left()
    {
        await using var app = StartIsolated(
            ["--mount-proc", "--pid", "--fork"],
            "true",
            [TestProgram.Executable, .. OneWorker, "--Script:heavy:Run", "grandchild@1 wait"]);
        await app.WaitForAsync("grandchild", "heavy", 0, 1);

        // The trace has the ids of the new namespace, and /proc here has those of the machine.
        var master = Linux.ChildrenOf(app.ProcessId).Single();
        var worker = Linux.ChildrenOf(master).Single();
        var grandchild = Linux.ChildrenOf(worker).Single();
        Linux.Send(worker, Linux.Kill);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.UntilAsync(() => !Linux.Exists(grandchild), "the grandchild is reaped");

        Linux.Send(master, Linux.Terminate);
        Assert.That(await app.WaitForExitAsync(), Is.Zero);
        await app.UntilGoneAsync();
    }

    /// <summary>In process 1, .NET reaps all children once it has started one, so it competes with the master for the killed workers.</summary>
    [Test]
    public async Task Master_that_is_process_1_and_has_started_a_process_kills_the_processes_that_workers_have_left()
    {
        const int count = 8;
        await using var app = StartIsolated(
            ["--mount-proc", "--pid", "--fork"],
            "true",
            [TestProgram.Executable, "--Heavy", $"{count}", "--Light", "-1", "--Script:heavy:Run", "grandchild@1 wait"]);
        await app.WaitForAsync(count, "grandchild", "heavy");
        app.Command("start-process");
        await app.WaitForAsync("done");

        var master = Linux.ChildrenOf(app.ProcessId).Single();
        var workers = Linux.ChildrenOf(master);
        var grandchildren = workers.Select(worker => Linux.ChildrenOf(worker).Single()).ToList();
        Assert.That(grandchildren, Has.Count.EqualTo(count));
        foreach (var worker in workers)
        {
            Linux.Send(worker, Linux.Kill);
        }

        await app.UntilAsync(() => !grandchildren.Exists(Linux.Exists), "the grandchildren are gone");
        await app.WaitForAsync(count, "run", "heavy", incarnation: 2);
        Linux.Send(master, Linux.Terminate);
        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        await app.UntilGoneAsync();
    }

    [TestCase(Linux.Terminate, 143)]
    [TestCase(Linux.Interrupt, 130)]
    public async Task Process_1_that_only_builds_its_host_exits_at_the_first_signal(int signal, int exitCode)
    {
        await using var app = StartIsolated(["--mount-proc", "--pid", "--fork"], "true", [TestProgram.Executable, "--migrate"]);
        await app.WaitForAsync("migrating");
        Linux.Send(Linux.ChildrenOf(app.ProcessId).Single(), signal);
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(exitCode), app.Describe);
        await app.UntilGoneAsync();
    }

    /// <summary>The runtime calls the handler of the program last, because it was registered before the services.</summary>
    [Test]
    public async Task Process_1_does_not_exit_at_a_signal_that_the_program_handles_itself()
    {
        await using var app = StartIsolated(
            ["--mount-proc", "--pid", "--fork"], "true", [TestProgram.Executable, "--migrate", "--own-signal=15"]);
        await app.WaitForAsync("migrating");
        var master = Linux.ChildrenOf(app.ProcessId).Single();
        for (var count = 1; count <= 3; count++)
        {
            Linux.Send(master, Linux.Terminate);
            await app.WaitForAsync(count, "own-signal");
        }

        Linux.Send(master, Linux.Kill);
        await app.WaitForExitAsync();
    }

    /// <summary>Starts a command in new namespaces, after a shell script has prepared them.</summary>
    private static TestProgram StartIsolated(string[] namespaces, string script, string[] command)
    {
        using var probe = Process.Start(new ProcessStartInfo("/usr/bin/env", ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/tmp"])
        {
            RedirectStandardError = true,
        })!;
        probe.WaitForExit();
        if (probe.ExitCode != 0)
        {
            Assert.Ignore("Needs namespaces with mounts of their own: install unshare (package util-linux), and run the tests as root.");
        }

        return TestProgram.StartAs("unshare", _ => { }, [.. namespaces, "sh", "-c", $"{script}\nexec \"$@\"", "sh", .. command]);
    }
}
