using System.Net.Sockets;
using System.Text;

namespace Cotyledon.Hosting.Benchmarks;

/// <summary>
/// Receives commands for the master if BENCH_CONTROL names a datagram socket: <c>restart</c> replaces all workers, and is
/// answered by <c>restarted OUTCOME PID</c>.
/// </summary>
internal sealed class ControlService(ICotyledonManager manager) : BackgroundService
{
    public static string? Address => Environment.GetEnvironmentVariable("BENCH_CONTROL");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Address!));
        var buffer = new byte[100];
        while (true)
        {
            var size = await socket.ReceiveAsync(buffer, stoppingToken);
            if (Encoding.ASCII.GetString(buffer, 0, size) == "restart")
            {
                Report.Send("restarted", $"{(await manager.RestartAsync("bench", stoppingToken)).Outcome}");
            }
        }
    }
}
