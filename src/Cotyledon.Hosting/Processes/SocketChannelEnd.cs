using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>The worker's end of a socket pair.</summary>
internal sealed class SocketChannelEnd : ChannelEnd
{
    // The kernel counts about 800 bytes for the smallest frame. A socket holds about 200 KiB.
    private const int MaxUnread = 16 * 1024;

    private readonly int _socket;
    private readonly int _wakeReader;
    private readonly int _wakeWriter;
    private readonly PollDescriptor[] _polled = new PollDescriptor[2];
    private bool _isClosed;

    public SocketChannelEnd(string name)
    {
        _socket = Parse(name);

        // Programs that this worker starts must not keep its channel open.
        Libc.SetCloseOnExec(_socket);
        (_wakeReader, _wakeWriter) = Libc.SocketPair();
    }

    public static NetworkStream ToStream(string name) =>
        new NetworkStream(new Socket(new SafeSocketHandle(Parse(name), ownsHandle: true)), ownsSocket: true);

    /// <summary>Returns the descriptor of a socket.</summary>
    /// <exception cref="InvalidOperationException">The name is not the descriptor of a socket.</exception>
    public static int Parse(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var socket) && Libc.IsSocket(socket)
            ? socket
            : throw new InvalidOperationException(
                $"COTYLEDON_CHANNEL names '{name}', which is not an open socket of a master. Only a master sets this variable; remove it from "
                + "the environment.");

    public override int Read(Span<byte> buffer, TimeSpan? timeout)
    {
        _polled[0] = new PollDescriptor(_wakeReader, PollEvents.In);
        _polled[1] = new PollDescriptor(_isClosed ? -1 : _socket, PollEvents.In);
        if (Libc.Poll(_polled, timeout) == 0)
        {
            return -1;
        }

        if (_polled[0].HasEvents)
        {
            Libc.Receive(_wakeReader, stackalloc byte[16]);
            return -1;
        }

        var count = Libc.Receive(_socket, buffer);
        if (count == 0 || (count < 0 && !Libc.IsTransient(Marshal.GetLastPInvokeError())))
        {
            _isClosed = true;
            return 0;
        }

        return count;
    }

    public override bool IsCongested => Libc.Unread(_socket) > MaxUnread;

    public override void Interrupt() => Libc.Send(_wakeWriter, [1]);

    public override void Write(ReadOnlySpan<byte> frame) => Libc.Send(_socket, frame);
}
