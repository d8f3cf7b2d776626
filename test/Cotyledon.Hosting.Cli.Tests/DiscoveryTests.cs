using Cotyledon.Hosting.Cli.Discovery;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>Where the sockets of programs are found.</summary>
internal sealed class DiscoveryTests
{
    private readonly string _root = Directory.CreateTempSubdirectory("cotyledon-cli-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_root, recursive: true);

    [TestCase("Telemetry.4711.sock", "Telemetry", 4711)]
    [TestCase("My.App.4711.sock", "My.App", 4711)]
    [TestCase("App.1-2.sock", "App", 1)]
    [TestCase("my-app.12.sock", "my-app", 12)]
    [TestCase("my-2.12.sock", "my-2", 12)]
    [TestCase("a b.12.sock", "a b", 12)]
    public void A_name_has_the_application_and_the_pid(string file, string app, int processId) =>
        Assert.That(SocketName.Parse(file), Is.EqualTo(new SocketName(app, processId)));

    [TestCase("App", true)]
    [TestCase("app", true)]
    [TestCase("Äpp", false)]
    [TestCase("App.Of Mine", false)]
    [TestCase("Ap", false)]
    public void A_file_name_in_a_short_path_matches_only_the_full_name(string app, bool expected)
    {
        Assert.That(SocketName.Parse("App.1.sock")!.CanBe(app, "/run/App.1.sock"), Is.EqualTo(expected));
        Assert.That(SocketName.Parse("App.Of_Mine.1.sock")!.CanBe("App.Of Mine", "/run/App.Of_Mine.1.sock"));
    }

    [TestCase(83, false)]
    [TestCase(84, true)]
    public void A_file_name_in_a_long_path_can_match_a_longer_name(int length, bool expected)
    {
        var path = $"/{new string('d', length)}/App.1.sock";
        Assert.That(SocketName.Parse("App.1.sock")!.CanBe("App.Of Mine", path), Is.EqualTo(expected));
        Assert.That(SocketName.Parse("App.1.sock")!.CanBe("Other", path), Is.False);
    }

    [TestCase("")]
    [TestCase(".sock")]
    [TestCase("4711.sock")]
    [TestCase(".4711.sock")]
    [TestCase("App.sock")]
    [TestCase("App.0.sock")]
    [TestCase("App.-1.sock")]
    [TestCase("App.99999999999.sock")]
    [TestCase("App.4711.socket")]
    [TestCase("App.4711.sock.lock")]
    [TestCase("App.12x.sock")]
    public void Other_names_are_not_of_a_program(string file) => Assert.That(SocketName.Parse(file), Is.Null);

    [Test]
    public void The_table_of_the_kernel_gives_listening_sockets_with_a_name()
    {
        string[] lines =
        [
            "Num       RefCount Protocol Flags    Type St Inode Path",
            "0000000000000000: 00000002 00000000 00010000 0001 01 17632 /run/cotyledon/Telemetry.4711.sock",
            "0000000000000000: 00000003 00000000 00000000 0001 03 17633 /run/cotyledon/Telemetry.4711.sock",
            "0000000000000000: 00000002 00000000 00010000 0001 01 17634 /tmp/with space/App.1.sock",
            "0000000000000000: 00000002 00000000 00010000 0001 01 17635 @/tmp/App.2.sock",
            "0000000000000000: 00000002 00000000 00010000 0001 01 17636 /run/dbus/system_bus_socket",
            "0000000000000000: 00000002 00000000 00000000 0002 01 17637",
            "garbage",
            "",
        ];
        Assert.That(
            UnixSocketTable.Parse(lines),
            Is.EqualTo((string[])["/run/cotyledon/Telemetry.4711.sock", "/tmp/with space/App.1.sock"]));
    }

    [Test]
    public void All_directories_and_both_tables_are_read()
    {
        string[] files =
        [
            Create("run/service/Service.1.sock"), Create("run/cotyledon/Root.2.sock"), Create("run/user/cotyledon/User.3.sock"),
            Create("tmp/cotyledon-1000/Temporary.4.sock"), Create("proc/77/root/tmp/Private.5.sock"),
        ];
        _ = Create("tmp/cotyledon-1000/other.txt");
        Create("proc/net/unix", "0: 2 0 00010000 0001 01 1 /elsewhere/Listening.6.sock\n");
        Create("proc/77/net/unix", "0: 2 0 00010000 0001 01 1 /tmp/Private.5.sock\n0: 2 0 00010000 0001 01 1 /tmp/Hidden.7.sock\n");
        Namespace("self", "mnt:[1]");
        Namespace("1", "mnt:[1]");
        Namespace("77", "mnt:[2]");
        Namespace("78", "mnt:[2]");
        var finder = new UnixSocketFinder(
            name => name switch { "RUNTIME_DIRECTORY" => Path.Combine(_root, "run/service"), "XDG_RUNTIME_DIR" => Path.Combine(_root, "run/user"), _ => null }, 1000, _root);

        var found = finder.Find();
        Assert.That(found.Select(socket => socket.Path), Is.EquivalentTo([.. files, "/elsewhere/Listening.6.sock"]));
        Assert.That(found.Select(socket => socket.Name!.ProcessId).Order(), Is.EqualTo(Enumerable.Range(1, 6)));
    }

    [Test]
    public void Nothing_is_found_on_a_system_without_the_directories() =>
        Assert.That(new UnixSocketFinder(_ => null, 0, Path.Combine(_root, "none")).Find(), Is.Empty);

    [Test]
    public async Task Sockets_with_a_long_path_are_reached()
    {
        await using var bench = new ToolBench();
        var directory = Directory.CreateDirectory(Path.Combine(_root, new string('d', 100))).FullName;
        var program = Samples.Script(bench.Start("Telemetry", directory));
        Assert.That(program.Path, Has.Length.GreaterThan(107));
        var result = await bench.RunAsync("ps", "-a", program.Path);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
    }

    [Test]
    public async Task A_program_in_a_directory_of_several_mount_namespaces_gets_one_connection()
    {
        await using var bench = new ToolBench();
        var program = Samples.Script(bench.Start());
        foreach (var process in (string[])["self", "77", "78", "79"])
        {
            bench.AddNamespace(process);
        }

        var result = await bench.RunAsync("ps");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(program.Connections, Is.EqualTo(1));
    }

    [Test]
    public async Task A_program_that_sees_another_pid_is_shown_with_both()
    {
        await using var bench = new ToolBench();
        Samples.Script(bench.Start());
        Assert.That((await bench.RunAsync("ps", "-a", $"{Environment.ProcessId}")).Output, Does.StartWith($"Telemetry  pid 4711 ({Environment.ProcessId} on this host)  "));
    }

    private string Create(string path, string text = "")
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    private void Namespace(string process, string name)
    {
        Directory.CreateDirectory(Path.Combine(_root, "proc", process, "ns"));
        File.CreateSymbolicLink(Path.Combine(_root, "proc", process, "ns", "mnt"), name);
    }
}
