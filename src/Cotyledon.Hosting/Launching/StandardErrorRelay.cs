namespace Cotyledon.Hosting.Launching;

/// <summary>
/// Passes on what workers write to their standard error. Its own thread waits when nobody reads ours; what is kept for it is
/// bounded, and nothing else waits with it.
/// </summary>
internal sealed class StandardErrorRelay : IDisposable
{
    private const int MaxWaiting = 1024 * 1024;

    private readonly Queue<byte[]> _waiting = new();
    private readonly Stream _target;
    private readonly Action _onRoom;
    private readonly Thread _thread;
    private int _waitingBytes;
    private bool _isDisposed;

    /// <param name="target">Where it goes.</param>
    /// <param name="onRoom">Called when there is room again after <see cref="HasRoom"/> was false.</param>
    public StandardErrorRelay(Stream target, Action onRoom)
    {
        _target = target;
        _onRoom = onRoom;
        _thread = new Thread(Run) { IsBackground = true, Name = "cotyledon stderr" };
        _thread.Start();
    }

    /// <summary>Whether more should be read from the workers now.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_waiting)
            {
                return _waitingBytes < MaxWaiting;
            }
        }
    }

    /// <summary>Takes bytes to pass on. What dying workers leave behind comes without asking for room; far over it is dropped.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_waiting)
        {
            if (_waitingBytes > 2 * MaxWaiting)
            {
                return;
            }

            _waiting.Enqueue(bytes.ToArray());
            _waitingBytes += bytes.Length;
            Monitor.Pulse(_waiting);
        }
    }

    /// <summary>Lets the thread write what is left, for a moment: it may hang in a pipe that nobody reads.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _isDisposed = true;
            Monitor.Pulse(_waiting);
        }

        _thread.Join(TimeSpan.FromSeconds(0.2));
    }

    private void Run()
    {
        while (TryTake(out var bytes, out var hadNoRoom))
        {
            try
            {
                _target.Write(bytes);
            }
            catch (IOException)
            {
                // IdleService can read our standard error any more; the workers' lines are lost with our own.
            }

            if (hadNoRoom)
            {
                _onRoom();
            }
        }
    }

    private bool TryTake(out byte[] bytes, out bool hadNoRoom)
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0)
            {
                if (_isDisposed)
                {
                    bytes = [];
                    hadNoRoom = false;
                    return false;
                }

                Monitor.Wait(_waiting);
            }

            bytes = _waiting.Dequeue();
            hadNoRoom = _waitingBytes >= MaxWaiting;
            _waitingBytes -= bytes.Length;
            return true;
        }
    }
}
