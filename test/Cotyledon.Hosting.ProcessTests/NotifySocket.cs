using System.Net.Sockets;
using System.Text;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Listens as systemd does: NOTIFY_SOCKET.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
    {
        ReceiveTimeout = (int)TestProgram.Limit.TotalMilliseconds,
    };

    public NotifySocket() => _socket.Bind(new UnixDomainSocketEndPoint(Address));

    public string Address { get; } = Path.Combine(Path.GetTempPath(), $"cotyledon-{Guid.NewGuid():N}");

    public bool IsSilent => _socket.Available == 0;

    public string Receive()
    {
        var buffer = new byte[1000];
        return Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer));
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(Address);
    }
}
