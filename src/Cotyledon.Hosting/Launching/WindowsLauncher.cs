using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>Starts workers on Windows, with a named pipe instead of a socket pair.</summary>
/// <remarks>
/// Not tested yet. Windows has no signals, so a worker whose pipe is broken can only be killed. The standard error of workers is not read
/// by the master, so exit records do not contain its last lines. There are no nice values and no process groups: child processes of a
/// worker outlive it.
/// </remarks>
internal sealed class WindowsLauncher(
    ProgramCommand command,
    IReadOnlyDictionary<string, string> environment,
    IReadOnlyList<ISideChannel> sideChannels,
    Func<ConfigurationImage> configuration,
    Action<SupervisorMessage> report)
    : IWorkerLauncher
{
    private readonly ConcurrentDictionary<int, Worker> _workers = new();
    private readonly ProcessInspector _inspector = new(report);

    public void Start(SupervisorCommand.StartWorker start) => Task.Run(() => Run(start));

    public void Assign(int spawn, WorkerAssignment assignment) => Send(spawn, configuration(), assignment.ToFrame());

    public void Update(SupervisorCommand.UpdateWorker command) => Send(command.Spawn, null, command.ToFrame());

    public void Publish(int spawn) => Send(spawn, configuration(), null);

    public void Reload(int spawn) => Send(spawn, configuration(), Frame.Reload.Instance);

    public void Stop(int spawn) => Send(spawn, null, Frame.Stop.Instance);

    public void Kill(int spawn)
    {
        if (_workers.TryGetValue(spawn, out var worker))
        {
            try
            {
                worker.Process.Kill();
            }
            catch (InvalidOperationException)
            {
                // The process has exited already.
            }
        }
    }

    public void MeasureMemory(SupervisorCommand.MeasureMemory command)
    {
        if (_workers.TryGetValue(command.Spawn, out var worker))
        {
            _inspector.MeasureMemory(command.Spawn, worker.Process.Id, command.Limit);
        }
    }

    public void Inspect(int spawn)
    {
        // Windows has no files that show what another process waits for.
    }

    public void Dispose()
    {
        _inspector.Dispose();
        foreach (var worker in _workers.Values)
        {
            worker.Pipe.Dispose();
            worker.Process.Dispose();
        }
    }

    private async Task Run(SupervisorCommand.StartWorker start)
    {
        var spawn = start.Spawn;
        var name = $"cotyledon-{Environment.ProcessId}-{spawn}-{Guid.NewGuid():N}";
        using var process = new Process { StartInfo = StartInfo(name, start.Settings) };
        NamedPipeServerStream? created = null;
        try
        {
            created = NewPipe(name);
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            created?.Dispose();
            report(new SupervisorMessage.WorkerStartFailed(spawn, $"Cannot start {command.File}: {e.Message}"));
            return;
        }

        await using var pipe = created;

        foreach (var side in sideChannels)
        {
            _ = ConnectAsync(side, SideName(name, side));
        }

        _workers[spawn] = new Worker(process, pipe);
        report(new SupervisorMessage.WorkerStarted(spawn, process.Id));
        var reading = ReadAsync(spawn, pipe);
        await process.WaitForExitAsync().ConfigureAwait(false);
        await reading.WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _workers.TryRemove(spawn, out _);
        report(new SupervisorMessage.WorkerExited(spawn, ExitStatus.Exited(process.ExitCode), []));
    }

    private ProcessStartInfo StartInfo(string pipe, StartSettings settings)
    {
        var info = new ProcessStartInfo(command.File, command.Arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = command.Directory,
        };
        info.Environment.Clear();
        foreach (var (name, value) in WorkerEnvironment.ForOne(environment, settings.Environment))
        {
            info.Environment[name] = value;
        }

        info.Environment[Protocol.ChannelVariable] = string.Join(
            ',', sideChannels.Select(side => $"{side.Name}={SideName(pipe, side)}").Prepend(pipe));
        return info;
    }

    private static NamedPipeServerStream NewPipe(string name) => new(
        name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);

    private static string SideName(string pipe, ISideChannel side) => $"{pipe}-{side.Name}";

    private static async Task ConnectAsync(ISideChannel side, string name)
    {
        var pipe = NewPipe(name);
        await pipe.WaitForConnectionAsync().ConfigureAwait(false);
        side.OnWorkerStarted(pipe);
    }

    private async Task ReadAsync(int spawn, NamedPipeServerStream pipe)
    {
        var frames = new FrameReader(frame => WorkerFrames.Report(spawn, frame, report));
        var buffer = new byte[Protocol.MaxFrameSize];
        try
        {
            await pipe.WaitForConnectionAsync().ConfigureAwait(false);
            Send(spawn, configuration(), null);
            while (await pipe.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            {
                frames.Feed(buffer.AsSpan(0, count));
            }
        }
        catch (InvalidDataException e)
        {
            report(new SupervisorMessage.WorkerBrokeProtocol(spawn, e.Message));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The worker has exited, which Run reports.
        }
    }

    private void Send(int spawn, ConfigurationImage? image, Frame? frame)
    {
        if (!_workers.TryGetValue(spawn, out var worker))
        {
            return;
        }

        lock (worker.Outbox)
        {
            if (image is not null)
            {
                worker.Outbox.Add(image);
            }

            if (frame is not null)
            {
                worker.Outbox.Add(frame);
            }

            worker.Outbox.Flush(bytes => Write(worker.Pipe, bytes));
        }
    }

    private static int Write(NamedPipeServerStream pipe, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            _ = pipe.WriteAsync(bytes).AsTask().ContinueWith(
                write => write.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return bytes.Length;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return -1; // The worker has exited, or is not connected yet.
        }
    }

    private sealed record Worker(Process Process, NamedPipeServerStream Pipe)
    {
        public WorkerOutbox Outbox { get; } = new();
    }
}
