namespace Cotyledon.Hosting.Launching;

/// <summary>
/// Writes the standard error of the workers to that of the master, on its own thread, because the write blocks while the standard error of
/// the master is not read. The waiting data is limited.
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

    /// <param name="target">The standard error of the master.</param>
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

    /// <summary>
    /// Adds bytes to write. The remaining output of exited workers is added even if <see cref="HasRoom"/> is false, up to twice the limit;
    /// further bytes are dropped.
    /// </summary>
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

    /// <summary>Waits until the waiting data is written, for 0.2 seconds at most, because the write may block for ever.</summary>
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
            catch (Exception)
            {
                // The standard error of the master cannot be written, for example because its reader has closed it, or because it is a file that
                // has become immutable (UnauthorizedAccessException). This output is lost.
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
