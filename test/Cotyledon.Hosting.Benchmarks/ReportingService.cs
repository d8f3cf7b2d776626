using System.Net.Sockets;
using System.Text;

namespace Cotyledon.Hosting.Benchmarks;

/// <summary>Says by one datagram that it works, and one for each reload: <c>ready ID PID</c>, <c>reloaded ID PID</c>.</summary>
internal sealed class ReportingService(IWorkerContext worker) : CotyledonService
{
    public override Task ReloadAsync(CancellationToken deadline)
    {
        Say("reloaded");
        return Task.CompletedTask;
    }

    protected override Task RunAsync(CancellationToken stopping)
    {
        Say("ready");
        return Task.Delay(Timeout.Infinite, stopping);
    }

    private void Say(string what)
    {
        if (Environment.GetEnvironmentVariable("BENCH_SOCK") is { } path)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(
                Encoding.ASCII.GetBytes($"{what} {worker.WorkerId} {Environment.ProcessId}"), new UnixDomainSocketEndPoint(path));
        }
    }
}
