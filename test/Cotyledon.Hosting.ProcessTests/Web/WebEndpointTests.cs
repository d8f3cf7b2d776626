using System.Net;
using System.Net.Sockets;
using Cotyledon.Hosting.Queues.Nats.Tests;

namespace Cotyledon.Hosting.ProcessTests.Web;

/// <summary>All kinds of endpoints work in workers as they do in one process, and errors are reported once, by the master.</summary>
internal sealed class WebEndpointTests
{
    [Test]
    public async Task Address_in_use_is_one_error_and_no_worker()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        await using var app = WebProgram.StartOnly(
            TestProgram.Start, WebProgram.Text(2), "--Kestrel:Endpoints:Http:Url", $"http://{taken.LocalEndPoint}");
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilGoneAsync();
        Assert.That(app.Output, Does.Contain($"Failed to bind to address http://{taken.LocalEndPoint}: address already in use."));
        Assert.That(app.Trace.Where(t => t.Is("main-worker")), Is.Empty);
    }

    [Test]
    public async Task Bad_certificate_is_one_error_and_no_worker()
    {
        await using var app = WebProgram.StartOnly(
            TestProgram.Start, WebProgram.Text(2), "--Kestrel:Endpoints:Https:Certificate:Path", "appsettings.json");
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilGoneAsync();
        Assert.That(app.Output, Does.Contain("CryptographicException"));
        Assert.That(app.Trace.Where(t => t.Is("main-worker")), Is.Empty);
    }

    [Test]
    public async Task Invalid_option_is_reported_with_its_key()
    {
        await using var app = WebProgram.StartOnly(
            TestProgram.Start, WebProgram.Text(2), "--Cotyledon:Web:DrainTimeout", "60", "--Cotyledon:Web:MasterEndpoints:0", "Nosuch");
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilGoneAsync();
        Assert.That(app.Output, Does.Contain("Cotyledon:Web:DrainTimeout is '60'"));
        Assert.That(app.Output, Does.Contain("Cotyledon:Web:MasterEndpoints is 'Nosuch'"));
        Assert.That(app.Output, Does.Contain("the name of an endpoint in Kestrel:Endpoints (Http, Https)"));
    }

    [Test]
    public async Task Address_that_the_server_does_not_change_while_it_runs_is_rejected()
    {
        await using var web = await WebProgram.StartAsync(1);
        new Settings(web.App.Directory).Write(WebProgram.Text(1).Replace("http://127.0.0.1:0", "http://127.0.0.2:0", StringComparison.Ordinal));
        await web.App.UntilAsync(() => web.App.Output.Contains("Kestrel:Endpoints:Http:Url has changed.", StringComparison.Ordinal), "the error");
        Assert.That(WebProgram.WorkerOf(await web.GetAsync("/who")), Is.Zero);
        await web.App.StopAsync();
    }

    [TestCase("127.0.0.1")]
    [TestCase("[::]")]
    [TestCase("*")]
    public async Task Added_address_that_is_in_use_leaves_the_other_endpoints_and_their_workers(string host)
    {
        await using var web = await WebProgram.StartAsync(1);
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        new Settings(web.App.Directory).Write(WebProgram.Text(1, endpoints: $$""", "More": { "Url": "http://{{host}}:{{port}}" }"""));
        await web.WaitForReadyAsync(1, incarnation: 2);
        Assert.That(WebProgram.WorkerOf(await web.GetAsync("/who")), Is.Zero);
        Assert.That(web.App.Output, Does.Not.Contain("has not bound the endpoint"), "the worker has waited for an endpoint");
        await web.App.StopAsync();
    }

    [Test]
    public async Task Parts_of_each_process_are_named_and_MarkReady_is_refused()
    {
        await using (var web = await WebProgram.StartAsync(2))
        {
            await web.App.UntilAsync(
                () => web.App.Output.Contains("Each of the 2 worker processes has its own memory cache", StringComparison.Ordinal), "the message");
            await web.App.StopAsync();
        }

        await using var app = WebProgram.StartOnly(TestProgram.Start, WebProgram.Text(2), "--Cotyledon:Services:Web:WaitForMarkReady", "true");
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilGoneAsync();
        Assert.That(app.Output, Does.Contain("Cotyledon:Services:Web:WaitForMarkReady is true"));
    }

    [Test]
    public async Task Failed_start_deletes_the_file_of_a_Unix_socket()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var path = Path.Combine(Path.GetTempPath(), $"cotyledon-failed-{Environment.ProcessId}.sock");
        await using var app = WebProgram.StartOnly(
            TestProgram.Start,
            "{}",
            "--Kestrel:Endpoints:A:Url", $"http://unix:{path}", "--Kestrel:Endpoints:B:Url", $"http://{taken.LocalEndPoint}");
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilGoneAsync();
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public async Task Http3_is_refused()
    {
        await using var app = WebProgram.StartOnly(
            TestProgram.Start,
            WebProgram.Text(2),
            "--Kestrel:Endpoints:Https:Protocols", "Http1AndHttp2AndHttp3",
            "--Kestrel:Endpoints:Https:Url", $"https://127.0.0.1:{LoopbackPort.Next()}");
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilGoneAsync();
        Assert.That(app.Output, Does.Contain("AddCotyledonWeb does not support HTTP/3."));
    }

    [Test]
    [Category("Aot")]
    public async Task Unix_socket_is_served_and_deleted()
    {
        await using var app = WebProgram.StartOnly(
            TestProgram.Start, """{ "Kestrel": { "Endpoints": { "Socket": { "Url": "http://unix:DIRECTORY/web.sock" } } } }""");
        var path = Path.Combine(app.Directory, "web.sock");
        await app.WaitForReadyAsync("Web", 0);
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            Assert.That(WebProgram.ProcessOf(await WebProgram.GetAsync(socket, "/who")), Is.Not.EqualTo(app.ProcessId));
        }

        await app.StopAsync();
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    [Category("Aot")]
    public async Task Master_serves_its_own_endpoints()
    {
        var port = LoopbackPort.Next();
        await using var app = WebProgram.StartOnly(
            TestProgram.Start,
            WebProgram.Text(2, endpoints: $$""", "Management": { "Url": "http://127.0.0.1:{{port}}" }"""),
            "--Cotyledon:Web:MasterEndpoints:0", "Management");
        await app.WaitForReadyAsync("Web", 0);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        Assert.That(WebProgram.ProcessOf(await WebProgram.GetAsync(socket, "/who")), Is.EqualTo(app.ProcessId));
        await app.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Endpoint_that_is_added_to_the_file_is_served_after_the_rolling_restart()
    {
        await using var web = await WebProgram.StartAsync(2);
        var port = LoopbackPort.Next();
        new Settings(web.App.Directory).Write(WebProgram.Text(2, endpoints: $$""", "More": { "Url": "http://127.0.0.1:{{port}}" }"""));
        await web.WaitForReadyAsync(2, incarnation: 2);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        Assert.That(WebProgram.WorkerOf(await WebProgram.GetAsync(socket, "/who")), Is.InRange(0, 1));
        Assert.That(WebProgram.WorkerOf(await web.GetAsync("/who")), Is.InRange(0, 1), "the address that did not change");
        await web.App.StopAsync();
    }

    [Test]
    public async Task Socket_of_the_service_manager_is_served_and_loses_no_connection_when_the_master_is_killed()
    {
        if (!File.Exists("/usr/bin/python3"))
        {
            Assert.Ignore("Needs python3, which passes a socket as systemd does. On Debian and Ubuntu: apt-get install python3");
        }

        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var address = (IPEndPoint)listener.LocalEndPoint!;
        var (first, second) = (StartWith(listener), StartWith(listener));
        await using (first)
        {
            await first.WaitForReadyAsync("Web", 0);
            Assert.That(await WebProgram.AskAsync(address), Is.Not.Empty);
            first.Signal(Linux.Kill);
            await first.UntilNoProcessAsync(TestProgram.Limit);
        }

        await using (second)
        {
            await second.WaitForReadyAsync("Web", 0);
            Assert.That(await WebProgram.AskAsync(address), Is.Not.Empty);
            await second.StopAsync();
        }

        // The socket belongs to the service manager, so it still takes connections.
        using var waiting = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await waiting.ConnectAsync(address);
    }

    private static TestProgram StartWith(Socket listener) => TestProgram.StartAs(
        "/usr/bin/python3",
        info => File.WriteAllText(Path.Combine(info.WorkingDirectory, "appsettings.json"), "{}"),
        "-c",
        $"""
        import os, sys
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        pidfd = libc.syscall(434, {Environment.ProcessId}, 0)
        fd = libc.syscall(438, pidfd, {listener.Handle}, 0)
        os.dup2(fd, 3, inheritable=True)
        os.environ['LISTEN_PID'] = str(os.getpid())
        os.environ['LISTEN_FDS'] = '1'
        os.execv('{TestProgram.Executable}', ['{TestProgram.Executable}', '--host=pool', '--Systemd', 'true', '--Heavy', '-1', '--Light', '-1'])
        """);
}
