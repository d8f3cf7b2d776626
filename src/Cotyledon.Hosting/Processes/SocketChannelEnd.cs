using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>The worker's end of a socket pair.</summary>
internal sealed class SocketChannelEnd : ChannelEnd
{
    // The kernel counts about 800 bytes for the smallest frame. A socket holds about 200 KiB.
    private const int MaxUnread = 16 * 1024;

    // How often the parent is checked without a descriptor for its exit.
    private static readonly TimeSpan MasterPollDelay = TimeSpan.FromSeconds(1);

    private readonly int _socket;
    private readonly int _wakeReader;
    private readonly int _wakeWriter;
    private readonly int _masterId = Libc.GetParent();
    private readonly int _masterExit;
    private readonly PollDescriptor[] _polled = new PollDescriptor[3];
    private readonly Lock _writing = new();
    private byte[] _rest = [];
    private bool _isClosed;

    public SocketChannelEnd(string name)
    {
        _socket = Parse(name);

        // Programs that this worker starts must not keep its channel open.
        Libc.SetCloseOnExec(_socket);
        (_wakeReader, _wakeWriter) = Libc.SocketPair();

        // The end of the channel does not show the exit of the master while a child that the master has forked keeps the channel open.
        _masterExit = ExitStatusReader.OpenExitDescriptor(_masterId);
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
        var events = Volatile.Read(ref _rest).Length > 0 ? PollEvents.In | PollEvents.Out : PollEvents.In;
        _polled[0] = new PollDescriptor(_wakeReader, PollEvents.In);
        _polled[1] = new PollDescriptor(_isClosed ? -1 : _socket, events);
        _polled[2] = new PollDescriptor(_isClosed ? -1 : _masterExit, PollEvents.In);
        Libc.Poll(_polled, _masterExit < 0 && !_isClosed && !(timeout < MasterPollDelay) ? MasterPollDelay : timeout);
        if (_polled[0].HasEvents)
        {
            Libc.Receive(_wakeReader, stackalloc byte[16]);
            return -1;
        }

        if (_polled[1].Returned.HasFlag(PollEvents.Out))
        {
            SendRest();
        }

        if ((_polled[1].Returned & ~PollEvents.Out) == PollEvents.None)
        {
            return !_isClosed && (_polled[2].HasEvents || Libc.GetParent() != _masterId) ? Close() : -1;
        }

        var count = Libc.Receive(_socket, buffer);
        return count == 0 || (count < 0 && !Libc.IsTransient(Marshal.GetLastPInvokeError())) ? Close() : count;
    }

    public override bool IsCongested => Libc.Unread(_socket) > MaxUnread;

    public override void Interrupt() => Libc.SendSome(_wakeWriter, [1]);

    public override void Write(ReadOnlySpan<byte> frame)
    {
        lock (_writing)
        {
            if (!SendRest())
            {
                return;
            }

            var count = Libc.SendSome(_socket, frame);
            if (count > 0 && count < frame.Length)
            {
                // A part of a frame would make the master misread the next one, so Read sends the rest as soon as the socket takes more.
                Volatile.Write(ref _rest, frame[count..].ToArray());
                Interrupt();
            }
        }
    }

    /// <returns>Whether nothing is left to send.</returns>
    private bool SendRest()
    {
        lock (_writing)
        {
            if (_rest.Length > 0)
            {
                var count = Libc.SendSome(_socket, _rest);
                Volatile.Write(ref _rest, count < 0 ? [] : _rest[count..]);
            }

            return _rest.Length == 0;
        }
    }

    private int Close()
    {
        _isClosed = true;
        return 0;
    }
}
