using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Tests.Control;
using static Cotyledon.Hosting.ProcessTests.ControlProgram;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Who may use the control endpoint of a running program, and which directories are refused.</summary>
[SupportedOSPlatform("linux")]
public class ControlAccessTests
{
    private const uint Nobody = 65534;
    private const uint SomeGroup = 54321;

    [Test]
    public async Task Socket_has_mode_0600_from_its_first_moment_with_any_umask()
    {
        string[] command = ["-c", "umask 0; exec \"$0\" \"$@\"", TestProgram.Executable, .. OneWorker];
        await using var app = TestProgram.StartAs("/bin/sh", _ => { }, command);
        var modes = new HashSet<UnixFileMode>();
        await Task.Run(() =>
        {
            var watch = Stopwatch.StartNew();
            while (modes.Count == 0 || watch.Elapsed < TimeSpan.FromSeconds(1))
            {
                foreach (var socket in Sockets(app))
                {
                    modes.Add(File.GetUnixFileMode(socket));
                }

                Assert.That(watch.Elapsed, Is.LessThan(TestProgram.Limit), app.Describe);
            }
        });
        Assert.That(modes, Is.EqualTo(new[] { UnixFileMode.UserRead | UnixFileMode.UserWrite }));
        await app.WaitForReadyAsync("heavy", 0);
        await app.StopAsync();
    }

    [Test]
    public async Task Other_users_cannot_connect()
    {
        RequireRoot();
        await using var app = Start();
        using var client = await ConnectAsync(app);
        File.SetUnixFileMode(app.Directory, (UnixFileMode)0b111_101_101);
        var socket = Sockets(app).Single();
        Linux.As(Nobody, Nobody, () => Assert.That(
            () => new ControlClient(socket),
            Throws.TypeOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AccessDenied)));
        await app.StopAsync();
    }

    [Test]
    public async Task Group_may_read_and_the_log_names_the_user_of_a_refused_action()
    {
        RequireRoot();
        await using var app = Start("--Cotyledon:Control:Group", $"{SomeGroup}");
        using var owner = await ConnectAsync(app);
        var socket = Sockets(app).Single();
        Linux.As(Nobody, SomeGroup, () =>
        {
            using var reader = new ControlClient(socket);
            Assert.That(reader.Read().GetProperty("access").GetString(), Is.EqualTo("read"));
            Assert.That(reader.Ask("""{"do":"status"}""").TryGetProperty("result", out _));
            Assert.That(
                reader.Ask("""{"do":"scale","service":"heavy","workers":3}""").GetProperty("error").GetProperty("code").GetString(),
                Is.EqualTo("denied"));
        });
        Linux.As(Nobody, Nobody, () => Assert.That(() => new ControlClient(socket), Throws.TypeOf<SocketException>()));
        await app.UntilAsync(
            () => app.Output.Contains($"Control client uid {Nobody} pid {Environment.ProcessId}: scale heavy to 3: refused"), "the log line");
        await app.WaitForReadyAsync("heavy", 0);
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("main-worker")), Is.EqualTo(1), "nothing was changed");
    }

    [Test]
    public async Task Symbolic_link_is_refused_with_one_warning()
    {
        using var other = new TemporaryDirectory();
        var link = Path.Combine(other.Path, "link");
        Directory.CreateDirectory(Path.Combine(other.Path, "target"));
        File.CreateSymbolicLink(link, Path.Combine(other.Path, "target"));
        await using var app = Start("--Cotyledon:Control:Path", link);
        await app.UntilAsync(() => app.Output.Contains($"The control endpoint is not available: {link} is a symbolic link."), "the warning");
        await app.WaitForReadyAsync("heavy", 0);
        await app.StopAsync();
        Assert.That(Directory.GetFiles(Path.Combine(other.Path, "target")), Is.Empty);
    }

    [Test]
    public async Task Random_user_without_home_and_without_a_writable_directory_runs_without_warnings()
    {
        RequireRoot();
        RequireUnshare();
        const int user = 54322;
        var foreign = $"/tmp/cotyledon-{user}";
        var script = $"mount -t tmpfs -o ro,mode=700,uid={user} none \"$RUNTIME_DIRECTORY\" && "
            + $"exec setpriv --reuid {user} --regid {user} --clear-groups \"$0\" \"$@\"";
        Directory.CreateDirectory(foreign, (UnixFileMode)0b111_000_000);
        try
        {
            await using var app = TestProgram.StartAs(
                "unshare",
                start =>
                {
                    foreach (var name in (string[])["HOME", "XDG_RUNTIME_DIR", "DOTNET_CLI_HOME"])
                    {
                        start.Environment.Remove(name);
                    }

                    start.Environment["RUNTIME_DIRECTORY"] = Directory.CreateDirectory(Path.Combine(start.WorkingDirectory, "run")).FullName;
                    File.SetUnixFileMode(start.WorkingDirectory, (UnixFileMode)0b111_111_111);
                    var trace = Path.Combine(start.WorkingDirectory, "trace");
                    File.WriteAllText(trace, "");
                    File.SetUnixFileMode(trace, (UnixFileMode)0b110_110_110);
                },
                ["--mount", "sh", "-c", script, TestProgram.Executable, .. OneWorker]);
            await app.WaitForReadyAsync("heavy", 0);
            await app.UntilAsync(() => app.Output.Contains("The control endpoint is not available: "), "the line about the endpoint");
            Assert.That(app.Output, Does.Contain("Read-only file system").And.Contain($"{foreign} belongs to user 0"));
            await app.StopAsync();
            Assert.That(app.Output, Does.Not.Contain("warn: ").And.Not.Contain("fail: ").And.Not.Contain("crit: "));
        }
        finally
        {
            Directory.Delete(foreign);
        }
    }

    private static void RequireRoot()
    {
        if (!Linux.IsRoot)
        {
            Assert.Ignore("Only root can become other users: run it as root.");
        }
    }

    private static void RequireUnshare()
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
    }
}
