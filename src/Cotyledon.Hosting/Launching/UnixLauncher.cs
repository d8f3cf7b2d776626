using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>Starts workers on Linux and macOS. One thread starts them, one after the other; another thread watches them.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UnixLauncher : IWorkerLauncher
{
    private const uint DescriptorReserve = 32;

    /// <summary>How long the disposal waits for a start that is blocked, for example by a file system whose server does not answer.</summary>
    private static readonly TimeSpan StarterTimeout = TimeSpan.FromSeconds(1);

    private readonly ProgramCommand _command;
    private readonly IReadOnlyDictionary<string, string> _variables;
    private readonly Action<SupervisorMessage> _report;
    private readonly ProcessInspector _inspector;
    private readonly ProcessWatcher _watcher;
    private readonly ConcurrentDictionary<int, LaunchedProcess> _processes = new();
    private readonly BlockingQueue<LaunchedProcess> _toStart = new();
    private readonly Thread _starter;
    private readonly JobControl _job;
    private readonly IReadOnlyList<ISideChannel> _sideChannels;
    private readonly SharedLease? _lease;
    private readonly int[] _leaseDescriptor;
    private readonly Func<ConfigurationImage> _configuration;

    public UnixLauncher(
        ProgramCommand command,
        IReadOnlyDictionary<string, string> variables,
        IReadOnlyList<ISideChannel> sideChannels,
        SharedLease? lease,
        Func<ConfigurationImage> configuration,
        Action<SupervisorMessage> report)
    {
        _command = command;
        _sideChannels = sideChannels;
        _lease = lease;
        _leaseDescriptor = lease is null ? [] : [Libc.Duplicate(lease.Descriptor, LowestOwn)];
        _configuration = configuration;
        _variables = variables;
        _report = report;
        ChildSignal.Restore();
        _inspector = new ProcessInspector(report);
        _watcher = new ProcessWatcher(OnExited, report);
        _starter = new Thread(RunStarts) { IsBackground = true, Name = "cotyledon starter" };
        _starter.Start();
        _job = new JobControl(SignalAll);
    }

    /// <summary>Lower numbers are those that the channel, the side channels and the lease get in a worker.</summary>
    private int LowestOwn => PosixSpawn.FirstSocket + _sideChannels.Count + 2;

    public void Start(SupervisorCommand.StartWorker command)
    {
        var process = new LaunchedProcess(command.Spawn, command.Settings, _report);
        _processes[command.Spawn] = process;
        _toStart.TryAdd(process);
    }

    public void Assign(int spawn, WorkerAssignment assignment) => Send(spawn, _configuration(), assignment.ToFrame());

    public void Update(SupervisorCommand.UpdateWorker command) => Send(command.Spawn, null, command.ToFrame());

    public void ExtendLease(long end) => _lease!.End = end;

    public void Publish(int spawn) => Send(spawn, _configuration(), null);

    public void Reload(int spawn) => Send(spawn, _configuration(), Frame.Reload.Instance);

    public void Stop(int spawn) => Send(spawn, null, Frame.Stop.Instance);

    public void Kill(int spawn) => _processes.GetValueOrDefault(spawn)?.Kill();

    public void MeasureMemory(SupervisorCommand.MeasureMemory command)
    {
        if (_processes.TryGetValue(command.Spawn, out var process))
        {
            _inspector.MeasureMemory(command.Spawn, process.ProcessId, command.Limit);
        }
    }

    public void Inspect(int spawn)
    {
        if (_processes.TryGetValue(spawn, out var process))
        {
            _inspector.TakeSnapshot(spawn, process.ProcessId);
        }
    }

    public void Dispose()
    {
        _job.Dispose();
        _inspector.Dispose();
        _toStart.Complete();
        if (!_starter.Join(StarterTimeout))
        {
            // The start thread still uses the watcher and the lease, so they are not disposed of. A worker that it starts later exits when this
            // process has ended.
            return;
        }

        _watcher.Dispose();
        foreach (var descriptor in _leaseDescriptor)
        {
            _ = Libc.Close(descriptor);
        }

        _lease?.Dispose();
    }

    private void RunStarts()
    {
        foreach (var process in _toStart.TakeAll())
        {
            try
            {
                StartOne(process);
            }
            catch (Exception e)
            {
                // Mostly an error of the operating system. Any other exception is reported as a failed start too.
                OnExited(process);
                _report(new SupervisorMessage.WorkerStartFailed(process.Spawn, e is NativeException ? e.Message : ExceptionText.Of(e)));
            }
        }
    }

    private void StartOne(LaunchedProcess process)
    {
        if (process.IsKillWanted)
        {
            OnExited(process);
            _report(new SupervisorMessage.WorkerStartFailed(process.Spawn, "The start was cancelled before the process was created."));
            return;
        }

        var sideSockets = CreateProcess(process);

        // Whatever happens from here on, the watcher must see the exit of the process.
        SetUp(process, sideSockets);
        _report(new SupervisorMessage.WorkerStarted(process.Spawn, process.ProcessId));
        _watcher.Add(process);
    }

    /// <summary>Creates the channel, the side channels and the process. Returns the master's sockets of the side channels.</summary>
    private int[] CreateProcess(LaunchedProcess process)
    {
        var sockets = new List<(int Ours, int Theirs)>();
        (int Reader, int Writer) standardError = (-1, -1);
        try
        {
            for (var i = 0; i <= _sideChannels.Count; i++)
            {
                sockets.Add(Libc.SocketPair());
                sockets[i] = (sockets[i].Ours, Libc.MoveUp(sockets[i].Theirs, LowestOwn));
            }

            standardError = Libc.Pipe();
            KeepReserve(standardError.Writer);
            int[] sideSockets = [.. sockets.Skip(1).Select(s => s.Ours)];
            var processId = SpawnProcess(process.Settings, [.. sockets.Select(s => s.Theirs), .. _leaseDescriptor], standardError.Writer);
            process.OnStarted(processId, sockets[0].Ours, standardError.Reader);
            return sideSockets;
        }
        catch
        {
            sockets.ForEach(s => _ = Libc.Close(s.Ours));
            _ = Libc.Close(standardError.Reader);
            throw;
        }
        finally
        {
            sockets.ForEach(s => _ = Libc.Close(s.Theirs));
            _ = Libc.Close(standardError.Writer);
        }
    }

    /// <summary>
    /// Gives a new process its priority, configuration and side channels. If that fails, kills it, with the cause in its exit record.
    /// </summary>
    private void SetUp(LaunchedProcess process, int[] sideSockets)
    {
        var taken = 0;
        try
        {
            Priority.SetAfterStart(process.ProcessId, process.Settings.Nice);
            process.Send(_configuration(), null);
            foreach (var side in _sideChannels)
            {
                side.OnWorkerStarted(ToStream(sideSockets[taken++]));
            }
        }
        catch (Exception e)
        {
            sideSockets.Skip(taken).ToList().ForEach(s => _ = Libc.Close(s));
            process.StandardErrorTail.Append(Encoding.UTF8.GetBytes($"The master could not set up this worker: {ExceptionText.Of(e)}\n"));
            process.Kill();
        }
    }

    /// <summary>
    /// Fails if few descriptors are left: the kernel assigns the lowest free number, so a high number means that nearly all are in use. The
    /// rest is reserved for the program, because the runtime needs two for each new thread and ends the process if it gets none.
    /// </summary>
    private static void KeepReserve(int descriptor)
    {
        var limit = Libc.DescriptorLimit();
        if ((ulong)descriptor + DescriptorReserve >= limit)
        {
            throw new NativeException(
                $"The process may have {limit} open files, of which {DescriptorReserve} are reserved for the program itself",
                Libc.TooManyFilesError,
                "Raise LimitNOFILE of the service, or ulimit -n. Each worker needs three open files in the master, and one more for each of these: queues, log forwarding, a web service.");
        }
    }

    private static NetworkStream ToStream(int socket) =>
        new(new Socket(new SafeSocketHandle(socket, ownsHandle: true)), ownsSocket: true);

    private int SpawnProcess(StartSettings settings, int[] descriptors, int standardError)
    {
        using var environment = ToNative(WorkerEnvironment.ForOne(_variables, settings.Environment));
        return settings.Nice is { } nice
            ? Priority.Start(nice, () => PosixSpawn.Start(_command, environment, descriptors, standardError))
            : PosixSpawn.Start(_command, environment, descriptors, standardError);
    }

    private NativeStrings ToNative(IReadOnlyDictionary<string, string> variables) =>
        new([.. variables.Select(v => $"{v.Key}={v.Value}"), $"{Protocol.ChannelVariable}={ChannelNames()}"]);

    private string ChannelNames() => string.Join(',', _sideChannels
        .Select(side => side.Name)
        .Concat(_leaseDescriptor.Select(_ => Protocol.LeaseName))
        .Select((name, i) => $"{name}={PosixSpawn.FirstSocket + 1 + i}")
        .Prepend($"{PosixSpawn.FirstSocket}"));

    private void SignalAll(int signal)
    {
        foreach (var process in _processes.Values)
        {
            process.SignalGroup(signal);
        }
    }

    private void OnExited(LaunchedProcess process) => _processes.TryRemove(process.Spawn, out _);

    private void Send(int spawn, ConfigurationImage? configuration, Frame? frame)
    {
        if (_processes.GetValueOrDefault(spawn)?.Send(configuration, frame) == false)
        {
            _watcher.Wake();
        }
    }
}
