using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Tests.Control;
using static Cotyledon.Hosting.ProcessTests.ControlProgram;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The control endpoint of a running program.</summary>
[SupportedOSPlatform("linux")]
public class ControlTests
{
    [Test]
    [Category("Aot")]
    public async Task Requests_show_and_control_the_program()
    {
        await using var app = Start();
        using var client = await ConnectAsync(app);
        Assert.That(client.Ask("""{"id":1,"do":"status","usage":true}""").GetProperty("result").GetProperty("overview")
            .GetProperty("usage").GetProperty("memory").GetInt64(), Is.GreaterThan(1_000_000));
        var scaled = client.Ask("""{"id":2,"do":"scale","service":"heavy","workers":2}""").GetProperty("result");
        Assert.That((scaled.GetProperty("from").GetInt32(), scaled.GetProperty("to").GetInt32()), Is.EqualTo((1, 2)));
        Assert.That(client.Ask("""{"do":"reset","service":"heavy"}""").GetProperty("result").GetProperty("to").GetInt32(), Is.EqualTo(1));
        Assert.That(
            client.Ask("""{"do":"restart","service":"heavy","worker":0}""").GetProperty("result").GetProperty("outcome").GetString(),
            Is.EqualTo("Reloaded"));
        Assert.That(
            client.Ask("""{"do":"kill","service":"heavy","worker":0,"incarnation":1}""").GetProperty("error").GetProperty("code").GetString(),
            Is.EqualTo("conflict"));
        Assert.That(client.Ask("""{"do":"kill","service":"heavy","worker":0,"incarnation":2}""").GetProperty("result").GetProperty("killed").GetBoolean());
        await app.WaitForReadyAsync("heavy", 0, incarnation: 3);
        Assert.That(client.Ask("""{"do":"stop","service":"heavy"}""").GetProperty("result").GetProperty("to").GetInt32(), Is.Zero);
        Assert.That(client.Ask("""{"do":"start","service":"heavy"}""").GetProperty("result").GetProperty("to").GetInt32(), Is.EqualTo(1));
        Assert.That(client.Ask("""{"id":9,"do":"shutdown","exitCode":7}""").ToString(), Is.EqualTo("""{"id":9,"result":{}}"""));
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(7), app.Describe);
        await app.UntilGoneAsync();
        Assert.That(Sockets(app), Is.Empty, "the file is deleted at the stop");
        Assert.That(app.Output, Does.Contain($"pid {Environment.ProcessId}: scale heavy to 2: done"));
        Assert.That(app.Output, Does.Contain("kill heavy(0): failed: Incarnation 1 of heavy(0) does not run; nothing was killed."));
    }

    [Test]
    public async Task Two_programs_of_the_same_name_and_one_that_was_killed()
    {
        using var shared = new TemporaryDirectory();
        void InShared(ProcessStartInfo start) => start.Environment["RUNTIME_DIRECTORY"] = shared.Path;

        await using var first = TestProgram.Start(InShared, OneWorker);
        using (await ConnectAsync(first, shared.Path))
        {
            // Until a program listens, another one may delete its socket as that of a killed program.
        }

        await using var second = TestProgram.Start(InShared, OneWorker);
        foreach (var app in (TestProgram[])[first, second])
        {
            using var client = await ConnectAsync(app, shared.Path);
        }

        first.Signal(Linux.Kill);
        await first.WaitForExitAsync();
        Assert.That(Directory.GetFiles(shared.Path), Has.Length.EqualTo(2), "the killed program leaves its file");
        await using var third = TestProgram.Start(InShared, OneWorker);
        using (await ConnectAsync(third, shared.Path))
        {
            Assert.That(
                Directory.GetFiles(shared.Path).Select(Path.GetFileName),
                Is.EquivalentTo(new[] { FileName(second), FileName(third) }));
        }

        await second.StopAsync();
        await third.StopAsync();
        Assert.That(Directory.GetFiles(shared.Path), Is.Empty);
    }

    [Test]
    public async Task Fast_stop_deletes_the_socket()
    {
        await using var app = Start("--Script:heavy:Terminate", "hang");
        using var client = await ConnectAsync(app);
        await app.WaitForReadyAsync("heavy", 0);
        app.Signal(Linux.Interrupt);
        await app.WaitForAsync("terminate", "heavy");
        app.Signal(Linux.Interrupt);
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(Sockets(app), Is.Empty);
    }

    [Test]
    public async Task Abuse_of_the_socket_does_not_affect_the_workers()
    {
        await using var app = Start();
        var worker = await app.WaitForReadyAsync("heavy", 0);
        using (await ConnectAsync(app))
        {
            // Only waits for the socket.
        }

        var socket = Sockets(app).Single();
        var clients = new List<ControlClient>();
        try
        {
            var stopped = Add(clients, socket);
            TrySend(stopped, string.Concat(Enumerable.Repeat("{\"do\":\"status\"}\n", 100_000)));
            TrySend(Add(clients, socket), new string('x', 1024 * 1024));
            TrySend(Add(clients, socket), "\0\u001b[2J}}{{\n\"\n[[[[\n{\"do\":[]}\n");
            for (var i = 0; i < 100; i++)
            {
                Add(clients, socket);
            }

            Linux.Send(worker, Linux.Kill);
            await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        using var last = await ConnectAsync(app);
        Assert.That(last.Ask("""{"do":"exits"}""").GetProperty("result").GetProperty("exits").GetArrayLength(), Is.EqualTo(1));
        await app.StopAsync();
    }

    [Test]
    public async Task Thousand_connections_leave_no_descriptors_and_threads()
    {
        await using var app = Start();
        await app.WaitForReadyAsync("heavy", 0);
        await AskAsync(app, times: 50);
        var (descriptors, threads) = (Linux.DescriptorsOf(app.ProcessId), Linux.ThreadsOf(app.ProcessId));
        await AskAsync(app, times: 1000);

        // A few files for code that is loaded late, and the size of the thread pool varies.
        await app.UntilAsync(() => Linux.DescriptorsOf(app.ProcessId) <= descriptors + 4, "the descriptors as before");
        await app.UntilAsync(() => Linux.ThreadsOf(app.ProcessId) <= threads + 6, "the threads as before");
        await app.StopAsync();

        static async Task AskAsync(TestProgram app, int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var client = await ConnectAsync(app);
                Assert.That(client.Ask("""{"do":"status"}""").TryGetProperty("result", out _));
            }
        }
    }

    [Test]
    public async Task Workers_have_neither_the_socket_nor_the_thread()
    {
        await using var app = Start("--Cotyledon:SpareWorkers", "1");
        using var client = await ConnectAsync(app);
        var first = await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(first, Linux.Kill);
        var later = await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        var sockets = File.ReadLines("/proc/net/unix").Where(line => line.EndsWith(Sockets(app).Single(), StringComparison.Ordinal))
            .Select(line => $"socket:[{line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[6]}]").ToList();
        Assert.That(sockets, Is.Not.Empty);
        Assert.That(Descriptors(app.ProcessId).Intersect(sockets), Is.Not.Empty, "the master");
        Assert.That(Descriptors(later).Intersect(sockets), Is.Empty, "the worker");
        Assert.That(ThreadNames(app.ProcessId).Count(n => n.StartsWith("cotyledon contr", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(ThreadNames(later).Count(n => n.StartsWith("cotyledon contr", StringComparison.Ordinal)), Is.Zero);
        await app.StopAsync();

        static IEnumerable<string?> Descriptors(int process) => Directory.GetFiles($"/proc/{process}/fd").Select(f => new FileInfo(f).LinkTarget);

        static IEnumerable<string> ThreadNames(int process) =>
            Directory.GetDirectories($"/proc/{process}/task").Select(t => Linux.TryRead(Path.Combine(t, "comm")));
    }

    [Test]
    public async Task Disabled_endpoint_has_no_socket()
    {
        await using var app = Start("--Cotyledon:Control:Enabled", "false");
        await app.WaitForReadyAsync("heavy", 0);
        Assert.That(Sockets(app), Is.Empty);
        await app.StopAsync();
        Assert.That(Sockets(app), Is.Empty);
    }

    [Test]
    public async Task Change_of_the_settings_is_a_warning()
    {
        await using var app = Settings.Start(Settings.Text("one", heavy: 1), "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        new Settings(app.Directory).Replace(
            """{ "Value": "one", "Cotyledon": { "Control": { "Enabled": false }, "Services": { "heavy": { "Workers": 1 } } } }""");
        await app.UntilAsync(() => app.Output.Contains("Cotyledon:Control has changed; the control endpoint uses the old settings"), "the warning");
        using (await ConnectAsync(app))
        {
            // The endpoint is still there.
        }

        await app.StopAsync();
    }

    [Test]
    public async Task Workers_in_the_process_of_the_master_are_controlled_too()
    {
        await using var app = Start("--Cotyledon:Mode", "InProcess");
        using var client = await ConnectAsync(app);
        Assert.That(client.Ask("""{"do":"scale","service":"heavy","workers":2}""").GetProperty("result").GetProperty("to").GetInt32(), Is.EqualTo(2));
        await app.StopAsync();
    }

    private static ControlClient Add(List<ControlClient> clients, string path)
    {
        var client = new ControlClient(path);
        client.Socket.SendTimeout = 200;
        clients.Add(client);
        return client;
    }

    /// <summary>Sends as much as the program takes.</summary>
    private static void TrySend(ControlClient client, string text)
    {
        try
        {
            client.Send(text);
        }
        catch (SocketException)
        {
            // Closed by the program, or not read any more.
        }
    }
}
