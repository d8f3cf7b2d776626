using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Control;

/// <summary>One connection of the control socket. All members are called on the thread of the sockets.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ControlConnection : IDisposable
{
    private readonly LineBuffer _input = new(ControlLines.MaxRequest);
    private readonly ControlBuffer _output;
    private readonly ControlSession _session;
    private readonly TimeProvider _clock;
    private long _idleSince;
    private long _lineSince;
    private long _unsentSince;
    private bool _wasSent = true;
    private bool _wasBusy;
    private bool _isGreeted;
    private bool _hasReceived;
    private bool _hasEnded;

    public ControlConnection(int socket, ControlHost host, ControlPeer peer, Action wake)
    {
        (Socket, _clock) = (socket, host.Clock);
        _output = new ControlBuffer(socket, wake);
        _session = new ControlSession(host, peer, _output);
        _idleSince = _lineSince = _unsentSince = _clock.GetTimestamp();
    }

    public int Socket { get; }

    /// <summary>The events that the connection waits for.</summary>
    public PollEvents Wanted =>
        (!_hasEnded && _input.Room > 0 && _session.CanReceive ? PollEvents.In : PollEvents.None)
        | (_output.IsEmpty ? PollEvents.None : PollEvents.Out);

    /// <summary>Reads, starts requests and sends.</summary>
    /// <returns>Whether the connection stays open.</returns>
    public bool Serve(PollEvents returned, byte[] buffer)
    {
        if (!_isGreeted)
        {
            _isGreeted = true;
            _session.Greet();
        }

        // Bytes that were sent before a hang-up are still read: an action needs no reader for its answer.
        if ((returned & ~PollEvents.Out) != PollEvents.None && !_hasEnded && !Read(buffer))
        {
            return false;
        }

        StartRequests();
        if (_input.IsTooLong)
        {
            _output.Send(ControlLines.Error(null, ControlError.Usage($"A request may have {ControlLines.MaxRequest} bytes at most.")));
            _output.Flush();
            return false;
        }

        if ((returned & (PollEvents.HangUp | PollEvents.Error)) != PollEvents.None || !Send())
        {
            return false;
        }

        // The other end may have closed its direction only, and still wait for the answer.
        return !_hasEnded || _session.IsBusy || _input.HasLine || !_output.IsEmpty;
    }

    /// <summary>Returns the time until the connection is closed if nothing happens.</summary>
    public TimeSpan Left()
    {
        var left = TimeSpan.MaxValue;
        if (!_output.IsEmpty)
        {
            left = Min(left, ControlLimits.SendTimeout, _unsentSince);
        }

        if (!_hasReceived || (!_input.IsEmpty && !_input.HasLine))
        {
            left = Min(left, ControlLimits.LineTimeout, _lineSince);
        }

        return _session.IsBusy ? left : Min(left, ControlLimits.IdleTimeout, _idleSince);
    }

    /// <summary>Closes the connection. What was not sent yet and does not fit into the socket is lost.</summary>
    public void Dispose()
    {
        _output.Flush();
        _output.Close();
        _session.Dispose();
        _ = Libc.Close(Socket);
    }

    private bool Read(byte[] buffer)
    {
        var count = Libc.Receive(Socket, buffer.AsSpan(0, Math.Min(buffer.Length, _input.Room)));
        if (count < 0)
        {
            return Libc.IsTransient(Marshal.GetLastPInvokeError());
        }

        _hasEnded = count == 0;
        if (_input.IsEmpty)
        {
            _lineSince = _clock.GetTimestamp();
        }

        _input.Add(buffer.AsSpan(0, count));
        return true;
    }

    private void StartRequests()
    {
        // A request may have ended on another thread since the last call, or may end inside Receive. Both count as activity.
        var isActive = _wasBusy;
        while (_session.CanReceive && _input.TryTake(out var line))
        {
            isActive = _hasReceived = true;
            _lineSince = _clock.GetTimestamp();
            _session.Receive(line);
        }

        _wasBusy = _session.IsBusy;
        if (isActive || _wasBusy)
        {
            _idleSince = _clock.GetTimestamp();
        }
    }

    private bool Send()
    {
        var sent = _output.Flush();
        if (sent > 0 || _wasSent)
        {
            _unsentSince = _clock.GetTimestamp();
        }

        _wasSent = _output.IsEmpty;
        return sent >= 0;
    }

    private TimeSpan Min(TimeSpan left, TimeSpan limit, long since)
    {
        var other = limit - _clock.GetElapsedTime(since);
        return other < left ? other : left;
    }
}
