using System.Runtime.Versioning;
using System.Text;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>A worker process on Windows: starts it, and watches its frames, its standard error and its exit on one thread.</summary>
/// <remarks>
/// One thread for each worker, because a thread can wait for 64 handles at most. The supervisor's thread calls <see cref="Send"/> and
/// <see cref="Kill"/> at any time, also before the process has started.
/// </remarks>
[SupportedOSPlatform("windows")]
internal sealed class WindowsWorker(int spawn, StartSettings settings, StandardErrorRelay relay, Action<SupervisorMessage> report)
    : IDisposable
{
    private const int BufferSize = 16 * 1024;

    // The rest of the output of the process fits into the pipe. More may come from a program outside of its job.
    private const int MaxDrain = 1024 * 1024;

    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RelayDelay = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly WorkerOutbox _outbox = new();
    private readonly FrameReader _frames = new(frame => WorkerFrames.Report(spawn, frame, report));
    private readonly LineTail _tail = new();
    private WindowsProcess? _process;
    private PipePair? _channel;
    private PipePair? _standardError;
    private PipeSender? _sender;
    private bool _isKillWanted;
    private bool _hasInvalidFrames;

    public int Spawn => spawn;

    public StartSettings Settings => settings;

    /// <summary>The id of the process; 0 before it has started.</summary>
    public int ProcessId => _process?.ProcessId ?? 0;

    public bool IsKillWanted
    {
        get
        {
            lock (_gate)
            {
                return _isKillWanted;
            }
        }
    }

    /// <summary>Kills the process, now or as soon as it has started.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            _isKillWanted = true;
            _process?.Kill();
        }
    }

    /// <summary>Sends a configuration, a frame, or a configuration and then a frame; before the start, after it.</summary>
    public void Send(ConfigurationImage? configuration, Frame? frame)
    {
        lock (_gate)
        {
            if (configuration is not null)
            {
                _outbox.Add(configuration);
            }

            if (frame is not null)
            {
                _outbox.Add(frame);
            }

            Flush();
        }
    }

    /// <summary>Adds a line to the end of the standard error, which the exit record contains.</summary>
    public void Note(string line) => _tail.Append(Encoding.UTF8.GetBytes(line + "\n"));

    public void OnStarted(WindowsProcess process, PipePair channel, PipePair standardError)
    {
        lock (_gate)
        {
            (_process, _channel, _standardError) = (process, channel, standardError);
            _sender = new PipeSender(channel.Ours, BufferSize);
            if (_isKillWanted)
            {
                process.Kill();
            }
        }
    }

    /// <summary>Reports the frames of the process, and relays its standard error, until it exits.</summary>
    /// <param name="stopped">Ends the watch before the exit.</param>
    /// <returns>The last message of the process; <see langword="null"/> if the watch was ended.</returns>
    public SupervisorMessage? Watch(WaitHandle stopped)
    {
        using var frames = new PipeReader(_channel!.Ours, BufferSize);
        using var errors = new PipeReader(_standardError!.Ours, BufferSize);
        WaitHandle[] all = [_process!.HasExited, stopped, frames.HasArrived, _sender!.HasRoom, errors.HasArrived];
        var withoutErrors = all[..^1];
        while (!_process.HasExited.WaitOne(0))
        {
            if (stopped.WaitOne(0))
            {
                return null;
            }

            ReadFrames(frames);
            Send(null, null);
            var (hasRoom, read) = (relay.HasRoom, 0);
            if (hasRoom)
            {
                ReadErrors(errors, ref read);
            }

            if (read < MaxDrain)
            {
                WaitHandle.WaitAny(hasRoom ? all : withoutErrors, hasRoom ? Timeout.InfiniteTimeSpan : RelayDelay);
            }
        }

        // What the process had sent before its exit. Both pipes end with the process and its job.
        while (ReadFrames(frames) && frames.HasArrived.WaitOne(DrainTimeout))
        {
        }

        for (var drained = 0; drained < MaxDrain && ReadErrors(errors, ref drained) && (drained >= MaxDrain || errors.HasArrived.WaitOne(DrainTimeout));)
        {
        }

        return Exit();
    }

    /// <summary>Kills the process, which cannot be watched, and waits for its exit.</summary>
    public SupervisorMessage GiveUpWatch(string error)
    {
        Note($"The master could not watch this worker: {error}");
        Kill();
        _process!.HasExited.WaitOne();
        return Exit();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _sender?.Dispose();
            _sender = null;
            _process?.Dispose();
            _process = null;
        }

        _channel?.Dispose();
        _standardError?.Dispose();
    }

    /// <returns>Whether more may come.</returns>
    private bool ReadFrames(PipeReader frames)
    {
        int count;
        while ((count = frames.Read(out var bytes)) > 0)
        {
            Feed(bytes);
        }

        return count != 0;
    }

    private void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_hasInvalidFrames)
        {
            return; // The supervisor kills the process.
        }

        try
        {
            _frames.Feed(bytes);
        }
        catch (InvalidDataException e)
        {
            _hasInvalidFrames = true;
            report(new SupervisorMessage.WorkerBrokeProtocol(spawn, e.Message));
        }
    }

    /// <returns>Whether more may come.</returns>
    private bool ReadErrors(PipeReader errors, ref int total)
    {
        var count = 1;
        while (total < MaxDrain && (count = errors.Read(out var bytes)) > 0)
        {
            total += count;
            _tail.Append(bytes);
            relay.Write(bytes);
        }

        return count != 0;
    }

    private SupervisorMessage.WorkerExited Exit() =>
        new(spawn, _process!.ExitCode is { } code ? ExitStatus.Exited(code) : ExitStatus.Unknown, _tail.ToLines());

    private void Flush()
    {
        // Ends a write that has completed, even if nothing more is to be sent: its event would stay signaled.
        if (_sender is not { IsFull: false } sender)
        {
            return;
        }

        _outbox.Flush(bytes => sender.Send(bytes.Span));
    }
}
