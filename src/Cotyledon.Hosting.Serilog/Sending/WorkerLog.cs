using System.IO.Pipes;
using System.Net.Sockets;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Serilog;
using Serilog.Debugging;
using Serilog.Extensions.Hosting;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>The log of a worker: its connection to the master, and its logger.</summary>
internal sealed class WorkerLog
{
    /// <summary>
    /// In a field, because the port has only the number of the socket. After a finalizer has closed the socket, another one could get its number.
    /// </summary>
    private readonly Stream _stream;
    private readonly CotyledonSerilogOptions _options;
    private readonly Outbox _outbox;
    private readonly WorkerLevels _levels;
    private bool _isMasterSlow;

    public WorkerLog(Stream stream, CotyledonSerilogOptions options)
    {
        (_stream, _options) = (stream, options);
        ISendPort port = OperatingSystem.IsWindows()
            ? new PipePort(((PipeStream)stream).SafePipeHandle)
            : new SocketPort(((NetworkStream)stream).Socket);
        var identity = new WorkerIdentity(WorkerProcess.TryGetIdentity);
        _outbox = new Outbox(port, new OutboxLimits(options.BufferSize, options.BufferBytes), () => identity.Current);
        _levels = new WorkerLevels(_outbox.Ask);
        new Thread(Read) { IsBackground = true, Name = "cotyledon log levels" }.UnsafeStart();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Flush();
        AppDomain.CurrentDomain.UnhandledException += (_, _) => Flush();
    }

    /// <summary>Creates the logger. A bootstrap logger of the program is reloaded and frozen, as with <c>AddSerilog</c>.</summary>
    public WorkerLogger CreateLogger()
    {
        ILogger inner;
        if (global::Serilog.Log.Logger is ReloadableLogger bootstrap && !_options.PreserveStaticLogger)
        {
            bootstrap.Reload(Configure);
            inner = bootstrap.Freeze();
        }
        else
        {
            inner = Configure(new LoggerConfiguration()).CreateLogger();
        }

        return new WorkerLogger(inner, _levels, _levels.Root, Flush);
    }

    private LoggerConfiguration Configure(LoggerConfiguration logger)
    {
        logger.Enrich.FromLogContext();
        _options.ConfigureWorkers?.Invoke(logger);
        return logger.MinimumLevel.Verbose().WriteTo.Sink(new ForwardingSink(_outbox, _levels));
    }

    /// <summary>Flushes the log. A worker that exits flushes several times, but waits only once for a master that does not read.</summary>
    private void Flush()
    {
        var unsent = _outbox.Flush(_isMasterSlow ? TimeSpan.Zero : _options.FlushTimeout);
        _isMasterSlow = unsent > 0;
        if (unsent > 0)
        {
            SelfLog.WriteLine("{0} log events were not sent: the master did not read them within {1}", unsent, _options.FlushTimeout);
        }
    }

    private void Read()
    {
        var splitter = new FrameSplitter(Limits.MaxFrame, (kind, fields) =>
        {
            if ((FrameKind)kind == FrameKind.Levels)
            {
                _levels.Take(fields);
            }
        });
        var buffer = new byte[4096];
        try
        {
            while (_stream.Read(buffer) is > 0 and var count)
            {
                splitter.Feed(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidDataException)
        {
            // The master has exited, which the worker detects elsewhere, or has sent invalid data. The levels stay unchanged.
        }
    }
}
