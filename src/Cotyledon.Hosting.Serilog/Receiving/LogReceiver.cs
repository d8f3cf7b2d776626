using System.Net.Sockets;
using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>
/// Writes to the log of the master what the workers send. One thread writes at a time, and it is none of the pool: a sink that hangs
/// holds up nothing but the log.
/// </summary>
internal sealed class LogReceiver : IDisposable
{
    private readonly LevelTable _levels;
    private readonly TemplateCache _templates = new();
    private readonly ILogLosses _losses;
    private readonly TimeProvider _clock;
    private readonly Lock _writing = new();
    private readonly List<WorkerStream> _streams = [];
    private readonly SocketReader _sockets;
    private readonly Lock _counting = new();
    private TaskCompletionSource _isIdle = new();
    private int _count;
    private long _progress;

    /// <param name="levels">The levels of the master, and the loggers that have them.</param>
    /// <param name="losses">Takes what is not written.</param>
    /// <param name="clock">The time, for how often that is reported.</param>
    public LogReceiver(LevelTable levels, ILogLosses losses, TimeProvider clock)
    {
        (_levels, _losses, _clock) = (levels, losses, clock);
        _sockets = new SocketReader(this);
        _isIdle.SetResult();
    }

    /// <summary>Ends when all streams that were added have come to their end, and what they brought is written.</summary>
    public Task Idle
    {
        get
        {
            lock (_counting)
            {
                return _isIdle.Task;
            }
        }
    }

    /// <summary>How many bytes were read and written, ever.</summary>
    public long Progress => Interlocked.Read(ref _progress);

    public int Count
    {
        get
        {
            lock (_counting)
            {
                return _count;
            }
        }
    }

    /// <summary>Reads this stream until its end, and owns it. Does not wait.</summary>
    public void Add(Stream stream)
    {
        lock (_counting)
        {
            if (_count++ == 0)
            {
                _isIdle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        if (stream is NetworkStream network)
        {
            _sockets.Add(network);
        }
        else
        {
            new StreamReaderThread(this, stream).Start();
        }
    }

    /// <summary>The configuration has been read again: levels may change in a moment.</summary>
    public void LookSoon() => _sockets.LookSoon();

    public void Dispose() => _sockets.Dispose();

    /// <summary>A worker is here.</summary>
    public WorkerStream Open()
    {
        lock (_writing)
        {
            var stream = new WorkerStream(_levels, _templates, _losses, _clock);
            _streams.Add(stream);
            return stream;
        }
    }

    /// <summary>Writes what a worker has sent.</summary>
    /// <returns>Whether more can be read from its stream.</returns>
    public bool Feed(WorkerStream stream, ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
        {
            Interlocked.Add(ref _progress, bytes.Length);
            return stream.Feed(bytes);
        }
    }

    /// <summary>Compares the levels with what the workers were told.</summary>
    public void Look()
    {
        lock (_writing)
        {
            try
            {
                if (_levels.Refresh())
                {
                    _streams.ForEach(stream => stream.TellChanges());
                }
            }
            catch (Exception e)
            {
                // A logger of the program that throws when it is asked for its level.
                SafeSelfLog.Write("The levels of the log could not be read: {0}", e);
            }
        }
    }

    /// <summary>A part of what a worker is to be told.</summary>
    public byte[] TakeNotes(WorkerStream stream)
    {
        lock (_writing)
        {
            var bytes = stream.Notes.Next().ToArray();
            stream.Notes.Advance(bytes.Length);
            return bytes;
        }
    }

    /// <summary>A worker's stream has come to its end.</summary>
    public void Close(WorkerStream stream)
    {
        lock (_writing)
        {
            _streams.Remove(stream);
            stream.Close();
        }

        lock (_counting)
        {
            if (--_count == 0)
            {
                _isIdle.SetResult();
            }
        }
    }
}
