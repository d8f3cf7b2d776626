using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>Starts workers on Windows. Each has a thread of its own in the master, which starts and watches it.</summary>
/// <remarks>
/// A worker inherits its ends of the pipes, so it is connected from its first instruction on. Windows has no signals: a worker whose
/// channel is broken can only be killed.
/// </remarks>
[SupportedOSPlatform("windows")]
internal sealed class WindowsLauncher(
    ProgramCommand command,
    IReadOnlyDictionary<string, string> variables,
    IReadOnlyList<ISideChannel> sideChannels,
    SharedLease? lease,
    Func<ConfigurationImage> configuration,
    Action<SupervisorMessage> report)
    : IWorkerLauncher
{
    // Another process that the program starts at the same time, with all inheritable handles, could keep the pipes of a worker open. One
    // start at a time keeps at least the workers from inheriting the pipes of each other.
    private readonly Lock _starting = new();
    private readonly ConcurrentDictionary<int, WindowsWorker> _workers = new();
    private readonly ProcessInspector _inspector = new(report);
    private readonly StandardErrorRelay _relay = new(Console.OpenStandardError(), onRoom: () => { });
    private readonly ManualResetEvent _disposed = new(initialState: false);

    public void Start(SupervisorCommand.StartWorker start)
    {
        var worker = new WindowsWorker(start.Spawn, start.Settings, _relay, report);
        _workers[start.Spawn] = worker;
        try
        {
            new Thread(() => Run(worker)) { IsBackground = true, Name = "cotyledon watcher" }.Start();
        }
        catch (OutOfMemoryException e)
        {
            Fail(worker, e.Message); // The system refuses a new thread.
        }
    }

    public void Assign(int spawn, WorkerAssignment assignment) => Send(spawn, configuration(), assignment.ToFrame());

    public void Update(SupervisorCommand.UpdateWorker command) => Send(command.Spawn, null, command.ToFrame());

    public void ExtendLease(long end) => lease!.End = end;

    public void Publish(int spawn) => Send(spawn, configuration(), null);

    public void Reload(int spawn) => Send(spawn, configuration(), Frame.Reload.Instance);

    public void Stop(int spawn) => Send(spawn, null, Frame.Stop.Instance);

    public void Kill(int spawn) => _workers.GetValueOrDefault(spawn)?.Kill();

    public void MeasureMemory(SupervisorCommand.MeasureMemory command)
    {
        if (_workers.TryGetValue(command.Spawn, out var worker))
        {
            _inspector.MeasureMemory(command.Spawn, worker.ProcessId, command.Limit);
        }
    }

    public void Inspect(int spawn)
    {
        // Windows has no files that show what another process waits for.
    }

    /// <summary>Ends the threads. They close what belongs to their workers.</summary>
    public void Dispose()
    {
        lock (_starting)
        {
            _disposed.Set();
        }

        _inspector.Dispose();
        _relay.Dispose();
        lease?.Dispose();
    }

    private void Run(WindowsWorker worker)
    {
        using var owned = worker;
        if (!TryStart(worker))
        {
            return;
        }

        report(new SupervisorMessage.WorkerStarted(worker.Spawn, worker.ProcessId));
        SupervisorMessage? last;
        try
        {
            last = worker.Watch(_disposed);
        }
        catch (Exception e)
        {
            // Mostly a lack of handles or memory. An exception on this thread would end the master.
            last = worker.GiveUpWatch(ExceptionText.Of(e));
        }

        _workers.TryRemove(worker.Spawn, out _);
        if (last is not null)
        {
            report(last);
        }
    }

    private bool TryStart(WindowsWorker worker)
    {
        // The channel first, then the side channels, the standard error last.
        var pipes = new List<PipePair>();
        try
        {
            lock (_starting)
            {
                if (worker.IsKillWanted || _disposed.WaitOne(0))
                {
                    return Fail(worker, "The start was cancelled before the process was created.");
                }

                StartProcess(worker, pipes);
            }
        }
        catch (Exception e)
        {
            // Mostly an error of the operating system. Any other exception is reported as a failed start too.
            pipes.ForEach(p => p.Dispose());
            return Fail(worker, e is NativeException ? e.Message : ExceptionText.Of(e));
        }

        SetUp(worker, pipes[1..^1]);
        return true;
    }

    private void StartProcess(WindowsWorker worker, List<PipePair> pipes)
    {
        try
        {
            for (var i = 0; i < sideChannels.Count + 2; i++)
            {
                pipes.Add(new PipePair(isTheirsOverlapped: i <= sideChannels.Count));
            }

            var environment = WorkerEnvironment.ForOne(variables, worker.Settings.Environment);
            environment[Protocol.ChannelVariable] = ChannelNames(pipes);
            worker.OnStarted(
                WindowsSpawn.Start(command, environment, pipes.SkipLast(1), pipes[^1], worker.Settings.Nice), pipes[0], pipes[^1]);
        }
        finally
        {
            pipes.ForEach(p => p.Theirs.Dispose());
        }
    }

    private string ChannelNames(List<PipePair> pipes) => string.Join(',', sideChannels
        .Select((side, i) => $"{side.Name}={NameOf(pipes[i + 1])}")
        .Concat(lease is null ? [] : [$"{Protocol.LeaseName}={lease.Name}"])
        .Prepend(NameOf(pipes[0])));

    private static string NameOf(PipePair pipe) => pipe.Theirs.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);

    /// <summary>Gives a new process its configuration and side channels. If that fails, kills it, with the cause in its exit record.</summary>
    private void SetUp(WindowsWorker worker, List<PipePair> pipes)
    {
        var taken = 0;
        try
        {
            worker.Send(configuration(), null);
            foreach (var side in sideChannels)
            {
                side.OnWorkerStarted(new NamedPipeServerStream(PipeDirection.InOut, isAsync: true, isConnected: true, pipes[taken++].Ours));
            }
        }
        catch (Exception e)
        {
            pipes[taken..].ForEach(p => p.Dispose());
            worker.Note($"The master could not set up this worker: {ExceptionText.Of(e)}");
            worker.Kill();
        }
    }

    private bool Fail(WindowsWorker worker, string error)
    {
        _workers.TryRemove(worker.Spawn, out _);
        report(new SupervisorMessage.WorkerStartFailed(worker.Spawn, error));
        return false;
    }

    private void Send(int spawn, ConfigurationImage? image, Frame? frame) => _workers.GetValueOrDefault(spawn)?.Send(image, frame);
}
