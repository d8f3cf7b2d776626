using System.Net;
using System.Net.Sockets;

namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>Ports below those that the kernel chooses itself (32768 and up), one of which another program could get while a server is down.</summary>
internal static class LoopbackPort
{
    private const int First = 20_000;
    private const int Count = 10_000;

    private static int _last = Random.Shared.Next(Count);

    /// <summary>Returns a free port that was not returned before.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref _last) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // In use.
            }
        }
    }
}
