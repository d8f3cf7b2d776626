using System.Runtime.Versioning;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Control;

/// <summary>The bytes that wait to be sent on a socket. Any thread adds lines; the thread of the sockets sends them.</summary>
/// <param name="socket">The socket.</param>
/// <param name="wake">Wakes the thread of the sockets.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class ControlBuffer(int socket, Action wake) : IControlOutput
{
    /// <summary>While more bytes wait, no further answer is created. One answer may be larger.</summary>
    private const int MaxWaiting = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _lines = new();
    private TaskCompletionSource? _hasRoom;
    private int _sentOfFirst;
    private long _waiting;
    private bool _isClosed;

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _waiting == 0;
            }
        }
    }

    public void Send(byte[] line)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _lines.Enqueue(line);
            _waiting += line.Length;
        }

        wake();
    }

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isClosed || _waiting <= MaxWaiting)
            {
                return ValueTask.CompletedTask;
            }

            _hasRoom ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_hasRoom.Task.WaitAsync(cancellationToken));
        }
    }

    public void OnAnswered() => wake();

    /// <summary>Sends as much as the socket takes.</summary>
    /// <returns>The number of bytes, or -1 if the connection is broken.</returns>
    public long Flush()
    {
        lock (_gate)
        {
            var total = 0L;
            while (_lines.TryPeek(out var line))
            {
                var sent = Libc.SendSome(socket, line.AsSpan(_sentOfFirst));
                if (sent < 0)
                {
                    return -1;
                }

                total += sent;
                _waiting -= sent;
                _sentOfFirst += sent;
                if (_sentOfFirst < line.Length)
                {
                    break;
                }

                _lines.Dequeue();
                _sentOfFirst = 0;
            }

            Release();
            return total;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _lines.Clear();
            _waiting = 0;
            Release();
        }
    }

    private void Release()
    {
        if (_waiting <= MaxWaiting)
        {
            _hasRoom?.TrySetResult();
            _hasRoom = null;
        }
    }
}
