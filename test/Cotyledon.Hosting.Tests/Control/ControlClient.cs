using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>A client of a control socket.</summary>
internal sealed class ControlClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StreamReader _reader;

    public ControlClient(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)Limit.TotalMilliseconds;
        _reader = new StreamReader(new NetworkStream(_socket));
    }

    public Socket Socket => _socket;

    public void Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Returns the next line, or null at the end of the connection.</summary>
    public string? ReadLine()
    {
        try
        {
            return _reader.ReadLine();
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return null;
        }
    }

    public JsonElement Read() => JsonDocument.Parse(ReadLine() ?? throw new EndOfStreamException("The connection was closed.")).RootElement;

    /// <summary>Sends a request and returns the last line of its answer.</summary>
    public JsonElement Ask(string request)
    {
        Send(request + "\n");
        while (true)
        {
            var answer = Read();
            if (!answer.TryGetProperty("progress", out _))
            {
                return answer;
            }
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }
}
