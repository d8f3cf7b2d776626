using System.Net.Sockets;
using System.Runtime.InteropServices;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>Reads the sockets of all workers in turn, on one thread.</summary>
internal sealed class SocketReader(LogReceiver receiver) : IDisposable
{
    /// <summary>Small, so that each worker that waits sees progress often. A wait without progress ends at its timeout.</summary>
    private const int BufferSize = Limits.MaxPiece;

    private const int CheckDelay = 1000;

    /// <summary>The delay after a reload: level switches may be updated from the configuration after this class is notified.</summary>
    private const int ReloadDelay = 20;

    private readonly (int Reader, int Writer) _wake = OperatingSystem.IsWindows() ? (-1, -1) : Libc.SocketPair();
    private readonly Lock _gate = new();
    private readonly List<NetworkStream> _new = [];
    private readonly List<Connection> _connections = [];
    private readonly byte[] _buffer = new byte[BufferSize];
    private PollDescriptor[] _polled = [];
    private long _checkDue;
    private bool _hasThread;
    private bool _isDisposed;

    public void Add(NetworkStream stream)
    {
        lock (_gate)
        {
            if (!_hasThread)
            {
                // Before anything else, because the system may refuse a thread. UnsafeStart: the log context of the caller must not flow into
                // the thread that writes the events.
                new Thread(Run) { IsBackground = true, Name = "cotyledon log" }.UnsafeStart();
                _hasThread = true;
            }

            _new.Add(stream);
        }

        Wake();
    }

    public void CheckLevelsSoon()
    {
        Interlocked.Exchange(ref _checkDue, Environment.TickCount64 + ReloadDelay);
        Wake();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            if (!_hasThread)
            {
                CloseWake();
                return;
            }
        }

        Wake();
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_hasThread)
            {
                Libc.SendSome(_wake.Writer, [1]);
            }
        }
    }

    private void Run()
    {
        while (TakeNew())
        {
            Libc.Poll(Descriptors(), TimeToCheck());
            if (_polled[0].HasEvents)
            {
                Libc.Receive(_wake.Reader, _buffer);
            }

            if (_connections.Count > 0 && Environment.TickCount64 >= Interlocked.Read(ref _checkDue))
            {
                Interlocked.Exchange(ref _checkDue, Environment.TickCount64 + CheckDelay);
                receiver.CheckLevels();
            }

            for (var i = _connections.Count - 1; i >= 0; i--)
            {
                Serve(_connections[i], _polled[i + 1].HasEvents);
            }
        }

        _connections.ToList().ForEach(End);
        lock (_gate)
        {
            _hasThread = false;
            CloseWake();
        }
    }

    /// <summary>Adds the new workers.</summary>
    /// <returns>False when this object was disposed of.</returns>
    private bool TakeNew()
    {
        lock (_gate)
        {
            for (var i = 0; i < _new.Count; i++)
            {
                _connections.Add(new Connection(_new[i], receiver.Open()));
            }

            _new.Clear();
            return !_isDisposed;
        }
    }

    private Span<PollDescriptor> Descriptors()
    {
        if (_polled.Length <= _connections.Count)
        {
            _polled = new PollDescriptor[(_connections.Count * 2) + 1];
        }

        _polled[0] = new PollDescriptor(_wake.Reader, PollEvents.In);
        for (var i = 0; i < _connections.Count; i++)
        {
            _polled[i + 1] = new PollDescriptor(
                _connections[i].Descriptor, _connections[i].HasUpdates ? PollEvents.In | PollEvents.Out : PollEvents.In);
        }

        return _polled.AsSpan(0, _connections.Count + 1);
    }

    private TimeSpan? TimeToCheck() => _connections.Count == 0
        ? null
        : TimeSpan.FromMilliseconds(Math.Max(0, Interlocked.Read(ref _checkDue) - Environment.TickCount64));

    private void Serve(Connection connection, bool hasEvents)
    {
        if (hasEvents)
        {
            var count = Libc.Receive(connection.Descriptor, _buffer);
            var isOver = count == 0 || (count < 0 && !Libc.IsTransient(Marshal.GetLastPInvokeError()));
            if (isOver || (count > 0 && !receiver.Feed(connection.Worker, _buffer.AsSpan(0, count))))
            {
                End(connection);
                return;
            }
        }

        connection.SendUpdates();
    }

    private void End(Connection connection)
    {
        _connections.Remove(connection);
        connection.Stream.Dispose();
        receiver.Close(connection.Worker);
    }

    private void CloseWake()
    {
        if (_wake.Reader >= 0)
        {
            _ = Libc.Close(_wake.Reader);
            _ = Libc.Close(_wake.Writer);
        }
    }

    private sealed class Connection(NetworkStream stream, WorkerStream worker)
    {
        private bool _isWriteClosed;

        public NetworkStream Stream => stream;

        public WorkerStream Worker => worker;

        public int Descriptor { get; } = (int)stream.Socket.Handle;

        public bool HasUpdates => !_isWriteClosed && !worker.Updates.IsEmpty;

        public void SendUpdates()
        {
            while (HasUpdates)
            {
                var sent = Libc.SendSome(Descriptor, worker.Updates.Next());
                if (sent <= 0)
                {
                    // The worker has closed its end. Events that it sent before can still be read.
                    _isWriteClosed = sent < 0;
                    return;
                }

                worker.Updates.Advance(sent);
            }
        }
    }
}
