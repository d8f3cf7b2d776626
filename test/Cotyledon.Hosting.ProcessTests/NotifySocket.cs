using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Listens on NOTIFY_SOCKET as systemd does, and records the sender of each message.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
    {
        ReceiveTimeout = (int)TestProgram.Limit.TotalMilliseconds,
    };

    private readonly List<Message> _received = [];

    public NotifySocket()
    {
        _socket.Bind(new UnixDomainSocketEndPoint(Address));
        Linux.AskForCredentials(_socket);
    }

    public string Address { get; } = Path.Combine(Path.GetTempPath(), $"cotyledon-{Guid.NewGuid():N}");

    /// <summary>The messages received so far.</summary>
    public IReadOnlyList<Message> Received => _received;

    public string Receive() => TryReceive() ?? throw new AssertionException($"No further message after: {Describe()}");

    /// <summary>Receives until READY, RELOADING or STOPPING.</summary>
    public string ReceiveAnnouncement() => ReceiveUntil(text => text.Split('=')[0] is "READY" or "RELOADING" or "STOPPING");

    public string ReceiveUntil(Predicate<string> isWanted)
    {
        string text;
        var end = DateTime.UtcNow + TestProgram.Limit;
        do
        {
            Assert.That(DateTime.UtcNow, Is.LessThan(end), () => $"The expected message did not arrive; received: {Describe()}");
            text = Receive();
        }
        while (!isWanted(text));

        return text;
    }

    /// <summary>Receives until a status matches.</summary>
    public string ReceiveStatus(string pattern) =>
        ReceiveUntil(text => Regex.IsMatch(text, $"^STATUS={pattern}$"))["STATUS=".Length..];

    /// <summary>Receives until no message has come for this time, as the watchdog does.</summary>
    public void ReceiveUntilSilent(TimeSpan time)
    {
        _socket.ReceiveTimeout = (int)time.TotalMilliseconds;
        var end = DateTime.UtcNow + TestProgram.Limit;
        while (TryReceive() is not null)
        {
            Assert.That(DateTime.UtcNow, Is.LessThan(end), () => $"Messages did not stop: {Describe()}");
        }

        _socket.ReceiveTimeout = (int)TestProgram.Limit.TotalMilliseconds;
    }

    /// <summary>Receives the messages that have arrived.</summary>
    public void Drain()
    {
        while (TryReceive(wait: false) is not null)
        {
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(Address);
    }

    private string? TryReceive(bool wait = true)
    {
        var buffer = new byte[2000];
        var length = Linux.Receive(_socket, buffer, wait, out var sender);
        if (length < 0)
        {
            return null;
        }

        _received.Add(new Message(sender, Encoding.UTF8.GetString(buffer, 0, length)));
        return _received[^1].Text;
    }

    private string Describe() => string.Join(Environment.NewLine, _received);

    internal sealed record Message(int ProcessId, string Text);
}
