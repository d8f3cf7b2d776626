using System.IO.Pipes;
using System.Net.Sockets;
using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>
/// Writes the events of workers to the log of the master. One thread writes at a time. It is not a thread of the pool, so a sink that hangs
/// blocks only the log.
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
    private volatile TaskCompletionSource _isIdle = new();
    private int _count;
    private long _progress;

    public LogReceiver(LevelTable levels, ILogLosses losses, TimeProvider clock)
    {
        (_levels, _losses, _clock) = (levels, losses, clock);
        _sockets = new SocketReader(this);
        _isIdle.SetResult();
    }

    /// <summary>Completes when all added streams have ended and their events are written.</summary>
    public Task Idle => _isIdle.Task;

    /// <summary>The number of bytes received since the start.</summary>
    public long Progress => Interlocked.Read(ref _progress);

    public int Count => Volatile.Read(ref _count);

    /// <summary>Starts to read a stream until its end, and then disposes of it. Does not wait.</summary>
    public void Add(Stream stream)
    {
        lock (_counting)
        {
            if (_count++ == 0)
            {
                _isIdle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        try
        {
            if (OperatingSystem.IsWindows())
            {
                new PipeThread(this, (PipeStream)stream).Start();
            }
            else
            {
                _sockets.Add((NetworkStream)stream);
            }
        }
        catch
        {
            // The system has refused a thread. The caller ends the worker.
            stream.Dispose();
            OnEnded();
            throw;
        }
    }

    /// <summary>Called after a reload of the configuration: checks the levels soon, because they may change.</summary>
    public void CheckLevelsSoon() => _sockets.CheckLevelsSoon();

    public void Dispose() => _sockets.Dispose();

    public WorkerStream Open()
    {
        lock (_writing)
        {
            var stream = new WorkerStream(_levels, _templates, _losses, _clock);
            _streams.Add(stream);
            return stream;
        }
    }

    /// <summary>Writes the events that a worker has sent.</summary>
    /// <returns>False if nothing more can be read from its stream.</returns>
    public bool Feed(WorkerStream stream, ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
        {
            Interlocked.Add(ref _progress, bytes.Length);
            return stream.Feed(bytes);
        }
    }

    /// <summary>Reads the levels of the master, and queues changes for the workers.</summary>
    public void CheckLevels()
    {
        lock (_writing)
        {
            try
            {
                // Also if nothing has changed since the last reading of the levels, because the answer to a worker reads them too.
                _levels.Refresh();
                _streams.ForEach(stream => stream.AddChanges());
            }
            catch (Exception e)
            {
                // A logger of the program may throw when its level is read.
                SafeSelfLog.Write("The levels of the log could not be read: {0}", e);
            }
        }
    }

    /// <summary>Removes and returns the next bytes to be sent to a worker.</summary>
    public byte[] TakeUpdates(WorkerStream stream)
    {
        // Without the lock, because this is called for each read. A change that is added right now is found by the next call.
        if (stream.Updates.IsEmpty)
        {
            return [];
        }

        lock (_writing)
        {
            var bytes = stream.Updates.Next().ToArray();
            stream.Updates.Advance(bytes.Length);
            return bytes;
        }
    }

    public void Close(WorkerStream stream)
    {
        lock (_writing)
        {
            _streams.Remove(stream);
            stream.Close();
        }

        OnEnded();
    }

    private void OnEnded()
    {
        lock (_counting)
        {
            if (--_count == 0)
            {
                _isIdle.SetResult();
            }
        }
    }
}
