using System.Net.Sockets;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>Sends over a socket. Bytes that it accepts are in the kernel and reach the master even if this process ends.</summary>
internal sealed class SocketPort(Socket socket) : ISendPort
{
    private readonly int _descriptor = (int)socket.Handle;

    public int TrySend(ReadOnlySpan<byte> bytes) => Libc.SendSome(_descriptor, bytes);

    public void WaitUntilWritable()
    {
        Span<PollDescriptor> polled = [new(_descriptor, PollEvents.Out)];
        Libc.Poll(polled, timeout: null);
    }

    public bool HasSent(TimeSpan timeout) => true;
}
