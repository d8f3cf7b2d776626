using System.Net.Sockets;
using System.Text;

namespace Cotyledon.Hosting.Benchmarks;

/// <summary>Sends one datagram to the socket BENCH_SOCK: a word, the worker id or an outcome, the process id.</summary>
internal static class Report
{
    public static void Send(string word, string detail)
    {
        if (Environment.GetEnvironmentVariable("BENCH_SOCK") is { } path)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(
                Encoding.ASCII.GetBytes($"{word} {detail} {Environment.ProcessId}"), new UnixDomainSocketEndPoint(path));
        }
    }
}
