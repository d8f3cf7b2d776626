using System.Net;
using System.Net.Sockets;

namespace Cotyledon.Hosting.ProcessTests.Cluster;

/// <summary>
/// The network between a program and a server. While it is cut, nothing arrives, connections stay open, and what was sent is delivered when it is healed.
/// </summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _ending = new();
    private volatile TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Relay(int target)
    {
        _target = target;
        _open.SetResult();
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The time that passes before bytes are passed on, in each direction.</summary>
    public TimeSpan Delay { get; init; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Heal() => _open.TrySetResult();

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ConnectAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The test has ended.
        }
    }

    private async Task ConnectAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await _open.Task.WaitAsync(_ending.Token);
                await server.ConnectAsync(IPAddress.Loopback, _target, _ending.Token);
                await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The connection ends on both sides.
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 * 1024];
        var (reader, writer) = (from.GetStream(), to.GetStream());
        while (await reader.ReadAsync(buffer, _ending.Token) is > 0 and var count)
        {
            await Task.Delay(Delay, _ending.Token);
            await _open.Task.WaitAsync(_ending.Token);
            await writer.WriteAsync(buffer.AsMemory(0, count), _ending.Token);
        }

        await _open.Task.WaitAsync(_ending.Token); // The end of a connection does not arrive either.
    }
}
