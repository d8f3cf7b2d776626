using System.Net;
using System.Net.Sockets;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Web.Passing;
using Cotyledon.Hosting.Web.Serving;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Tests.Serving;

/// <summary>The endpoints of a worker's server.</summary>
internal sealed class WorkerListenerTests
{
    private const int Endpoint = 7;

    private Socket _master = null!;
    private NetworkStream _stream = null!;
    private MasterLink _link = null!;

    [SetUp]
    public void Connect()
    {
        var (ours, theirs) = Libc.SocketPair();
        _master = new Socket(new SafeSocketHandle(ours, ownsHandle: true));
        _stream = new NetworkStream(new Socket(new SafeSocketHandle(theirs, ownsHandle: true)), ownsSocket: true);
        _link = new MasterLink(_stream, Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
    }

    [TearDown]
    public void Disconnect()
    {
        _link.Dispose();
        _stream.Dispose();
        _master.Dispose();
    }

    [Test]
    public async Task Endpoint_that_is_bound_again_takes_connections()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var factory = new WorkerListenerFactory(_link);
        var address = new IPEndPoint(IPAddress.Loopback, 443);
        await _master.SendAsync(WebFrame.Endpoint(Endpoint, "127.0.0.1:443#0", "127.0.0.1:443"), limit.Token);

        var first = await factory.BindAsync(address, limit.Token);
        await first.UnbindAsync(limit.Token);
        await first.DisposeAsync();
        var second = await factory.BindAsync(address, limit.Token);

        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, limit.Token);
        using var accepted = await listener.AcceptAsync(limit.Token);
        Assert.That(Libc.SendDescriptor((int)_master.Handle, WebFrame.Connection(Endpoint, number: 1), (int)accepted.Handle), Is.Zero);
        await using var connection = await second.AcceptAsync(limit.Token);
        Assert.That(connection!.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
    }

    /// <summary>Without IPv6, the server binds the address for IPv4 if the transport throws.</summary>
    [Test]
    public async Task Any_address_that_the_master_could_not_bind_for_ipv6_is_bound_for_ipv4()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var factory = new WorkerListenerFactory(_link);
        await _master.SendAsync(WebFrame.Endpoint(Endpoint, "[::]:80#0", EndpointText.NoAddressFamily), limit.Token);
        await _master.SendAsync(WebFrame.Endpoint(Endpoint + 1, "0.0.0.0:80#0", "0.0.0.0:80"), limit.Token);

        Assert.That(
            async () => await factory.BindAsync(new IPEndPoint(IPAddress.IPv6Any, 80), limit.Token),
            Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AddressFamilyNotSupported));
        await using var listener = await factory.BindAsync(new IPEndPoint(IPAddress.Any, 80), limit.Token);
        Assert.That(listener.EndPoint, Is.EqualTo(new IPEndPoint(IPAddress.Any, 80)));
    }

    /// <summary>The master's server has not bound it for IPv4 either, so the worker's server must not ask for that.</summary>
    [Test]
    public async Task Any_address_that_is_in_use_at_the_master_gets_a_listener_without_connections()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var factory = new WorkerListenerFactory(_link);
        await _master.SendAsync(WebFrame.Endpoint(Endpoint, "[::]:80#0", EndpointText.NotBound), limit.Token);

        await using var listener = await factory.BindAsync(new IPEndPoint(IPAddress.IPv6Any, 80), limit.Token);
        Assert.That(listener.EndPoint, Is.EqualTo(new IPEndPoint(IPAddress.IPv6Any, 80)));
    }
}
