using System.Net.Sockets;
using System.Runtime.InteropServices;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>One thread that reads the sockets of all workers, each in its turn.</summary>
internal sealed class SocketReader(LogReceiver receiver) : IDisposable
{
    /// <summary>Not more: a worker that waits for its turn is to see that it comes.</summary>
    private const int BufferSize = Limits.MaxPiece;

    private const int LookDelay = 1000;

    /// <summary>What takes levels from the configuration may hear of a reload after us.</summary>
    private const int SoonDelay = 20;

    private readonly (int Reader, int Writer) _wake = OperatingSystem.IsWindows() ? (-1, -1) : Libc.SocketPair();
    private readonly Lock _gate = new();
    private readonly List<NetworkStream> _new = [];
    private readonly List<Line> _lines = [];
    private readonly byte[] _buffer = new byte[BufferSize];
    private PollDescriptor[] _polled = [];
    private long _lookDue;
    private bool _hasThread;
    private bool _isDisposed;

    public void Add(NetworkStream stream)
    {
        lock (_gate)
        {
            _new.Add(stream);
            if (!_hasThread)
            {
                _hasThread = true;

                // The log context of whoever adds the first worker is not that of the events.
                new Thread(Run) { IsBackground = true, Name = "cotyledon log" }.UnsafeStart();
            }
        }

        Wake();
    }

    public void LookSoon()
    {
        Interlocked.Exchange(ref _lookDue, Environment.TickCount64 + SoonDelay);
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
                Libc.Send(_wake.Writer, [1]);
            }
        }
    }

    private void Run()
    {
        while (TakeNew())
        {
            Libc.Poll(Descriptors(), TimeToLook());
            if (_polled[0].HasEvents)
            {
                Libc.Receive(_wake.Reader, _buffer);
            }

            if (_lines.Count > 0 && Environment.TickCount64 >= Interlocked.Read(ref _lookDue))
            {
                Interlocked.Exchange(ref _lookDue, Environment.TickCount64 + LookDelay);
                receiver.Look();
            }

            for (var i = _lines.Count - 1; i >= 0; i--)
            {
                Serve(_lines[i], _polled[i + 1].HasEvents);
            }
        }

        _lines.ToList().ForEach(End);
        lock (_gate)
        {
            _hasThread = false;
            CloseWake();
        }
    }

    /// <summary>False when the end has come.</summary>
    private bool TakeNew()
    {
        lock (_gate)
        {
            for (var i = 0; i < _new.Count; i++)
            {
                _lines.Add(new Line(_new[i], receiver.Open()));
            }

            _new.Clear();
            return !_isDisposed;
        }
    }

    private Span<PollDescriptor> Descriptors()
    {
        if (_polled.Length <= _lines.Count)
        {
            _polled = new PollDescriptor[(_lines.Count * 2) + 1];
        }

        _polled[0] = new PollDescriptor(_wake.Reader, PollEvents.In);
        for (var i = 0; i < _lines.Count; i++)
        {
            _polled[i + 1] = new PollDescriptor(
                _lines[i].Descriptor, _lines[i].HasNotes ? PollEvents.In | PollEvents.Out : PollEvents.In);
        }

        return _polled.AsSpan(0, _lines.Count + 1);
    }

    private TimeSpan? TimeToLook() => _lines.Count == 0
        ? null
        : TimeSpan.FromMilliseconds(Math.Max(0, Interlocked.Read(ref _lookDue) - Environment.TickCount64));

    private void Serve(Line line, bool hasEvents)
    {
        if (hasEvents)
        {
            var count = Libc.Receive(line.Descriptor, _buffer);
            var isOver = count == 0 || (count < 0 && !Libc.IsTransient(Marshal.GetLastPInvokeError()));
            if (isOver || (count > 0 && !receiver.Feed(line.Worker, _buffer.AsSpan(0, count))))
            {
                End(line);
                return;
            }
        }

        line.SendNotes();
    }

    private void End(Line line)
    {
        _lines.Remove(line);
        line.Stream.Dispose();
        receiver.Close(line.Worker);
    }

    private void CloseWake()
    {
        if (_wake.Reader >= 0)
        {
            _ = Libc.Close(_wake.Reader);
            _ = Libc.Close(_wake.Writer);
        }
    }

    /// <summary>One worker.</summary>
    private sealed class Line(NetworkStream stream, WorkerStream worker)
    {
        private bool _isDeaf;

        public NetworkStream Stream => stream;

        public WorkerStream Worker => worker;

        public int Descriptor { get; } = (int)stream.Socket.Handle;

        public bool HasNotes => !_isDeaf && !worker.Notes.IsEmpty;

        /// <summary>As much as the worker takes at once.</summary>
        public void SendNotes()
        {
            while (HasNotes)
            {
                var sent = Libc.SendSome(Descriptor, worker.Notes.Next());
                if (sent <= 0)
                {
                    // A worker that has closed its end may have sent much before.
                    _isDeaf = sent < 0;
                    return;
                }

                worker.Notes.Advance(sent);
            }
        }
    }
}
