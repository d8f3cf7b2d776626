using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The command-line tool and a running program.</summary>
[SupportedOSPlatform("linux")]
public class ToolTests
{
    private const string Group = "54321";
    private const string Nobody = "65534";

    private static readonly string[] OneWorker = ["--Heavy", "1", "--Light", "-1"];

    /// <summary>For a machine under load: by default, a program must answer within five seconds.</summary>
    private static readonly string[] Patient = ["--timeout", "60s"];

    private static string Tool => Path.Combine(TestProgram.DirectoryOf("Tool"), "cotyledon");

    [Test]
    public async Task Commands_show_and_change_the_program()
    {
        await using var app = await StartAsync();
        Assert.That(await RunAsync(app, "ps"), Does.Contain("heavy    0   ready").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "ps", "--check"), Does.Contain("  healthy").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "scale", "heavy=2"), Does.Contain("heavy: 1 -> 2, all ready in ").And.Contain("the configuration says 1").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "restart", "heavy"), Does.Contain("[2/2] heavy/1 replaced, incarnation 1 -> 2, ").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "reset", "heavy"), Does.Contain("heavy: 2 -> 1, all ready in ").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "kill", "heavy/0", "--yes", "--incarnation", "1"), Does.Contain("Incarnation 1").And.EndWith("exit code 1"));
        Assert.That(await RunAsync(app, "kill", "heavy/0", "--yes"), Does.Contain("heavy/0 killed: pid ").And.Contain("incarnation 2").And.EndWith("exit code 0"));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 3);
        Assert.That(await RunAsync(app, "describe", "heavy/0"), Does.Contain("Killed, SIGKILL").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "exits", "heavy"), Does.Contain("Killed, SIGKILL").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "events", "heavy/0"), Does.Contain("heavy/0#3 ").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "reload"), Does.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "restart", "none"), Does.EndWith("exit code 2"));
        Assert.That(await RunAsync(app, "stop", "heavy", "--yes"), Does.Contain("heavy: 1 -> 0, stopped in ").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "start", "heavy"), Does.Contain("heavy: 0 -> 1, all ready in ").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "shutdown", "--yes", "--exit-code", "7"), Does.Contain("stopped in ").And.EndWith("exit code 0"));
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(7), app.Describe);
        Assert.That(await RunAsync(app, "ps"), Does.EndWith("exit code 3"));
    }

    [Test]
    public async Task Json_of_a_program_parses()
    {
        await using var app = await StartAsync();
        foreach (var command in (string[])["ps", "describe", "describe heavy", "describe heavy/0", "scale heavy=2", "restart heavy", "reload", "events", "exits", "queue ls"])
        {
            var lines = (await RunAsync(app, [.. command.Split(' '), "--json"])).Split('\n');
            Assert.That(() => JsonDocument.Parse(lines[0]).Dispose(), Throws.Nothing, command);
            Assert.That(lines[1], Is.EqualTo("exit code 0"), command);
        }

        await app.StopAsync();
    }

    [Test]
    public async Task Programs_of_the_same_name_are_listed_and_one_that_was_killed_is_not()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var name = "Cotyledon.Hosting.TestApp";
        Assert.That(await RunAsync("ps", "-a", name), Does.Contain($"pid {first.ProcessId}").And.Contain($"pid {second.ProcessId}").And.EndWith("exit code 2"));

        first.Signal(Linux.Kill);
        await first.WaitForExitAsync();
        Assert.That(await RunAsync("ps", "-a", $"{first.ProcessId}"), Does.EndWith("exit code 3"));
        Assert.That(await RunAsync("ps", "-a", $"{second.ProcessId}"), Does.EndWith("exit code 0"));
        await second.StopAsync();
    }

    [Test]
    public async Task Restart_whose_new_worker_cannot_start_fails_and_the_old_workers_run()
    {
        await using var app = Settings.Start(Settings.Text("one", more: "\"WorkerHostFails\": false,"), "--Cotyledon:ReloadOnChange", "false", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        await app.UntilAsync(() => Directory.GetFiles(app.Directory, "*.sock").Length > 0, "the socket");
        new Settings(app.Directory).Write(Settings.Text("two", more: "\"WorkerHostFails\": true,"));

        Assert.That(
            await RunAsync(app, "restart", "heavy"),
            Does.StartWith("[1/2] heavy/0 failed: the new process for worker 0 exited before it replaced the old one: Faulted, signal 6, System.InvalidOperationException: the worker's host, as scripted\n")
                .And.Contain("[2/2] heavy/1 failed: worker 1 is not replaced, because the replacement of worker 0 has failed\naborted: 0 replaced\nexit code 1"));
        Assert.That(await RunAsync(app, "ps"), Does.Match(@"heavy +0 +ready").And.Match(@"heavy +1 +ready"));
        await app.StopAsync();
    }

    [Test]
    public async Task Queue_commands_show_retry_and_delete_dead_items()
    {
        await using var app = QueueTests.Start(consumers: 1, "--Cotyledon:Queues:work:MaxAttempts=2");
        await app.WaitForReadyAsync("consumer", 0);
        await app.UntilAsync(() => Directory.GetFiles(app.Directory, "*.sock").Length > 0, "the socket");
        app.Command("enqueue 3");
        app.Command("enqueue-one abandon");
        app.Command("enqueue-one abandon");
        await QueueTests.CountsAsync(app, "waiting=0 taken=0 completed=3 dead=2 redelivered=2");
        Assert.That(await RunAsync(app, "queue", "ls"), Does.Match(@"work +memory +0 +0 +3 +2 +2\n").And.EndWith("exit code 0"));

        using var dead = JsonDocument.Parse((await RunAsync(app, "queue", "dead", "work", "--json")).Split('\n')[0]);
        var ids = dead.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetRawText()).ToList();
        Assert.That(ids, Has.Count.EqualTo(2));
        Assert.That(await RunAsync(app, "queue", "dead", "work"), Does.Match($@"{ids[0]} +2 +\d+ +.*abandon").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "queue", "delete", "work", ids[0], "--yes"), Does.StartWith("work: 1 deleted").And.EndWith("exit code 0"));
        Assert.That(await RunAsync(app, "queue", "delete", "work", ids[0], "--yes"), Does.Contain("1 not found").And.EndWith("exit code 1"));

        // It is abandoned again, so it is dead again after its attempts.
        Assert.That(await RunAsync(app, "queue", "retry", "work", ids[1]), Does.StartWith("work: 1 retried").And.EndWith("exit code 0"));
        await app.WaitForAsync(6, "abandons");
        await QueueTests.CountsAsync(app, "waiting=0 taken=0 completed=3 dead=1");
        await app.StopAsync();
    }

    [Test]
    public async Task A_paused_program_gives_124()
    {
        await using var app = await StartAsync();
        app.Signal(Linux.Stop);
        await app.UntilAsync(() => Linux.StateOf(app.ProcessId) == "T", "the pause");
        Assert.That(
            await StartAndReadAsync(Tool, ["ps", "-a", $"{app.ProcessId}"]), Does.Contain("did not answer within 5s").And.EndWith("exit code 124"));
        app.Signal(Linux.Continue);
        Assert.That(await RunAsync(app, "ps"), Does.EndWith("exit code 0"));
        await app.StopAsync();
    }

    [Test]
    public async Task A_program_in_another_mount_namespace_is_found_by_root()
    {
        RequireRoot();
        var directory = "";
        await using var app = TestProgram.StartAs(
            "unshare",
            start =>
            {
                directory = start.Environment["RUNTIME_DIRECTORY"] = Directory.CreateDirectory(Path.Combine(start.WorkingDirectory, "private")).FullName;
            },
            ["--mount", "sh", "-c", "mount -t tmpfs -o mode=0700 none \"$RUNTIME_DIRECTORY\" && exec \"$0\" \"$@\"", TestProgram.Executable, .. OneWorker]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.UntilAsync(() => Directory.GetFiles($"/proc/{app.ProcessId}/root{directory}").Length > 0, "the socket");

        Assert.That(Directory.GetFiles(directory), Is.Empty, "hidden here");
        Assert.That(await RunAsync(app, "ps"), Does.Contain("heavy    0   ready").And.EndWith("exit code 0"));
        await app.StopAsync();
    }

    [Test]
    public async Task A_group_may_read_and_other_users_may_not()
    {
        RequireRoot();
        await using var app = await StartAsync("--Cotyledon:Control:Group", Group);
        File.SetUnixFileMode(app.Directory, (UnixFileMode)0b111_101_101);
        var socket = Directory.GetFiles(app.Directory, "*.sock").Single();
        string[] AsNobody(string group, params string[] command) =>
            ["--reuid", Nobody, "--regid", group, "--clear-groups", Tool, .. command, .. Patient, "-a", socket];

        Assert.That(await StartAndReadAsync("setpriv", AsNobody(Group, "ps")), Does.EndWith("exit code 0"));
        Assert.That(await StartAndReadAsync("setpriv", AsNobody(Group, "scale", "heavy=2")), Does.EndWith("exit code 4"));
        Assert.That(await StartAndReadAsync("setpriv", AsNobody(Nobody, "ps")), Does.EndWith("exit code 4"));
        await app.StopAsync();
    }

    /// <summary>With a socket in the directory of the program, and ready.</summary>
    private static async Task<TestProgram> StartAsync(params string[] arguments)
    {
        var app = TestProgram.Start(start => start.Environment["RUNTIME_DIRECTORY"] = start.WorkingDirectory, [.. OneWorker, .. arguments]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.UntilAsync(() => Directory.GetFiles(app.Directory, "*.sock").Length > 0, "the socket");
        return app;
    }

    private static Task<string> RunAsync(TestProgram app, params string[] arguments) => RunAsync([.. arguments, "-a", $"{app.ProcessId}"]);

    private static Task<string> RunAsync(params string[] arguments) => StartAndReadAsync(Tool, [.. arguments, .. Patient]);

    /// <summary>Returns both outputs and the exit code.</summary>
    private static async Task<string> StartAndReadAsync(string file, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TestProgram.Limit);
        await process.WaitForExitAsync().WaitAsync(TestProgram.Limit);
        return $"{output}{await error}exit code {process.ExitCode}";
    }

    private static void RequireRoot()
    {
        if (!Linux.IsRoot || !File.Exists("/usr/bin/setpriv"))
        {
            Assert.Ignore("Needs root, setpriv and unshare (package util-linux).");
        }
    }
}
