using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;

namespace Cotyledon.Hosting.Web.Tests;

/// <summary>A load balancer with two servers: one starts, takes the new connections, and the other one stops.</summary>
internal sealed class GracefulDrainTests
{
    /// <summary>Shorter than the shutdown timeout of the host, whose end cuts the requests.</summary>
    private static readonly TimeSpan LongDrain = TimeSpan.FromSeconds(20);

    private static readonly ClientKind[] AllKinds = Enum.GetValues<ClientKind>();

    [TestCase(3)]
    [TestCase(20, Category = "Long")]
    public async Task Drained_server_loses_no_request(int stops)
    {
        var failures = await StopUnderLoadAsync(stops, drain: true, AllKinds);
        Assert.That(failures, Is.Empty);
    }

    [Test]
    public async Task Server_without_drain_loses_requests()
    {
        var failures = await StopUnderLoadAsync(stops: 3, drain: false, AllKinds);
        Assert.That(failures.Where(f => f.StartsWith(nameof(ClientKind.Raw), StringComparison.Ordinal)), Is.Not.Empty);
    }

    [Test]
    public async Task Stop_without_connections_does_not_wait()
    {
        await using var server = await TestServer.StartAsync(drain: true, TimeSpan.FromMinutes(1));
        var watch = Stopwatch.StartNew();
        await server.StopAsync();
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)));
    }

    [Test]
    public async Task Idle_connection_is_closed_at_the_timeout()
    {
        await using var server = await TestServer.StartAsync(drain: true, TimeSpan.FromMilliseconds(300));
        using var client = new RawConnection(server.Http);
        Assert.That(await client.SendAsync(), Does.Not.Contain("Connection: close"));
        await server.StopAsync();
        Assert.That(await client.ReceiveAsync(), Is.Empty);
    }

    [Test]
    public async Task Idle_connection_gets_one_more_answer_during_the_drain()
    {
        await using var server = await TestServer.StartAsync(drain: true, TimeSpan.FromMinutes(1));
        using var client = new RawConnection(server.Http);
        await client.SendAsync();
        var stop = server.StopAsync();
        Assert.That(stop.IsCompleted, Is.False);
        Assert.That(await client.SendAsync(), Does.Contain("Connection: close"));
        await stop;
    }

    [Test]
    public async Task Upgraded_connection_keeps_its_header()
    {
        await using var server = await TestServer.StartAsync(drain: true, TimeSpan.FromMinutes(1), app => app.Use(async (context, next) =>
        {
            if (context.Request.Path == "/upgrade")
            {
                await using var stream = await context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpUpgradeFeature>()!.UpgradeAsync();
                return;
            }

            await next(context);
        }));
        using var first = new RawConnection(server.Http);
        await first.SendAsync();
        var stop = server.StopAsync();
        using var second = new RawConnection(server.Http);
        Assert.That(
            await second.SendAsync("GET /upgrade HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n"),
            Does.StartWith("HTTP/1.1 101").And.Contain("Connection: Upgrade"));
        first.Dispose();
        second.Dispose();
        await stop;
    }

    [Test]
    public async Task Timeout_out_of_range_is_an_error_at_the_start([Values(0, 3601)] int seconds)
    {
        var start = async () => await TestServer.StartAsync(drain: true, TimeSpan.FromSeconds(seconds));
        Assert.That(start, Throws.InstanceOf<Microsoft.Extensions.Options.OptionsValidationException>().With.Message.Contains("GracefulDrainOptions.Timeout"));
        await Task.CompletedTask;
    }

    private sealed class RawConnection : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public RawConnection(IPEndPoint address) => _socket.Connect(address);

        public async Task<string> SendAsync(string request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        {
            await _socket.SendAsync(Encoding.ASCII.GetBytes(request));
            return await ReceiveAsync();
        }

        public async Task<string> ReceiveAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var buffer = new byte[4096];
            return Encoding.ASCII.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, limit.Token));
        }

        public void Dispose() => _socket.Dispose();
    }

    private static async Task<IReadOnlyCollection<string>> StopUnderLoadAsync(int stops, bool drain, ClientKind[] kinds)
    {
        var server = await TestServer.StartAsync(drain, LongDrain);
        await using var load = new Load(
            kind => kind is ClientKind.PostHttps or ClientKind.PostHttp2 ? Volatile.Read(ref server).Https : Volatile.Read(ref server).Http, kinds);
        await load.WaitForAsync(100);
        for (var i = 0; i < stops; i++)
        {
            var next = await TestServer.StartAsync(drain, LongDrain);
            var old = Interlocked.Exchange(ref server, next);
            await old.StopAsync();
            await old.DisposeAsync();
            await load.WaitForAsync(100);
        }

        await load.DisposeAsync();
        await server.DisposeAsync();
        TestContext.Out.WriteLine($"{stops} stops, {load.Answers} answers, {load.Failures.Count} failures: {Summary(load.Failures)}");
        return load.Failures;
    }

    private static string Summary(IEnumerable<string> failures) =>
        string.Join("; ", failures.GroupBy(f => f).Select(g => $"{g.Count()} x {g.Key}"));
}
