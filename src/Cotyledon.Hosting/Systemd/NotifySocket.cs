using System.Net.Sockets;

namespace Cotyledon.Hosting.Systemd;

/// <summary>
/// The connection to systemd. It is opened early and stays open, because a new socket needs a descriptor, and later the program may have none
/// left. A watchdog without notices would then end the program.
/// </summary>
internal sealed class NotifySocket
{
    private readonly string _address;
    private Socket? _socket;

    /// <param name="address">The path of the socket, or <c>@</c> and its name in the abstract namespace.</param>
    public NotifySocket(string address)
    {
        _address = address[0] == '@' ? $"\0{address[1..]}" : address;
        try
        {
            _socket = Connect();
        }
        catch (Exception)
        {
            // Nothing listens yet, or the address is invalid. Each message tries again.
        }
    }

    /// <summary>Sends a message. Blocks while systemd does not read.</summary>
    /// <returns>Whether the message was sent.</returns>
    public bool TrySend(byte[] message)
    {
        try
        {
            _socket ??= Connect();
            try
            {
                _socket.Send(message);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.NotConnected)
            {
                // Another socket may listen at this address now. Other errors keep the descriptor, which may be the last one.
                _socket.Dispose();
                _socket = null;
                _socket = Connect();
                _socket.Send(message);
            }

            return true;
        }
        catch (Exception)
        {
            // systemd does not read any more, or the address is invalid. The supervision continues without notices.
            return false;
        }
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(_address));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
