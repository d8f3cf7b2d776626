using System.Net.Sockets;
using System.Runtime.InteropServices;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>The master's end of the socket pair to one worker process. Used by the thread of the <see cref="Dispatcher"/> only.</summary>
internal sealed class WorkerConnection : IDisposable
{
    private readonly Stream _stream;
    private readonly FrameSplitter _frames;
    private readonly byte[] _buffer = new byte[4096];

    public WorkerConnection(Stream stream, FrameHandler handle)
    {
        _stream = stream;
        Descriptor = (int)((NetworkStream)stream).Socket.Handle;
        _frames = new FrameSplitter(WebFrame.MaxLength, (kind, fields) => handle(this, (WebFrameKind)kind, fields));
    }

    public delegate void FrameHandler(WorkerConnection worker, WebFrameKind kind, FieldReader fields);

    public int Descriptor { get; }

    public WorkerLink Link { get; } = new();

    /// <summary>Sends a message that the worker needs. If it is lost, because the worker does not read, the worker is not used.</summary>
    public void Send(byte[] frame)
    {
        if (Libc.SendSome(Descriptor, frame) != frame.Length)
        {
            End();
        }
    }

    /// <summary>Asks for the number of requests, if no earlier request is open, so that requests do not accumulate for a paused worker.</summary>
    /// <returns>Whether a question was sent.</returns>
    public bool TryAsk()
    {
        if (Link.IsAsked)
        {
            return false;
        }

        Link.IsAsked = true;
        Send(WebFrame.Count());
        return true;
    }

    /// <summary>Passes a connection.</summary>
    /// <returns>Whether it was sent. If not, the worker gets no connection for a short time.</returns>
    public bool TryPass(PassedConnection connection, long now)
    {
        if (Libc.SendDescriptor(Descriptor, WebFrame.Connection(connection.Endpoint, connection.Number), connection.Socket) != 0)
        {
            // The worker has exited or does not read, or the system has no room.
            Link.OnFull(now);
            return false;
        }

        connection.PassedAt = now;
        Link.OnPassed(connection);
        return true;
    }

    /// <summary>Handles the available messages.</summary>
    /// <returns><see langword="false"/> at the end: the worker has exited.</returns>
    /// <exception cref="InvalidDataException">A message is not valid.</exception>
    public bool Read()
    {
        var count = Libc.Receive(Descriptor, _buffer);
        if (count < 0)
        {
            return Libc.IsTransient(Marshal.GetLastPInvokeError());
        }

        _frames.Feed(_buffer.AsSpan(0, count));
        return count > 0;
    }

    /// <summary>Ends the direction to the worker. The worker reads what was sent before, and stops.</summary>
    public void End()
    {
        if (!Link.IsEnded)
        {
            Link.IsEnded = true;
            Libc.EndWriting(Descriptor);
        }
    }

    public void Dispose() => _stream.Dispose();
}
