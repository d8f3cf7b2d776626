using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// The supervisor's loop: processes messages in their order and executes the resulting commands. It runs on its own thread, so that it
/// handles stops and deadlines even if the program blocks the thread pool.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    /// <summary>
    /// The number of waiting messages at which the launcher has to wait. It is large because thousands of workers may exit at once.
    /// </summary>
    internal const int MaxWaiting = 50_000;

    private readonly BlockingQueue<SupervisorMessage> _inbox = new();
    private readonly ManualResetEventSlim _hasRoom = new(initialState: true, spinCount: 0);
    private readonly List<SupervisorCommand> _commands = [];
    private readonly Lock _gate = new();
    private readonly SupervisorState _state;
    private readonly ISupervisorOutput _output;
    private readonly TimeProvider _clock;
    private readonly Func<long> _bootTime;
    private readonly UsableTime _usable;
    private readonly long _start;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IWorkerLauncher _launcher;
    private Thread? _thread;

    public Supervisor(
        SupervisorState state,
        Func<Action<SupervisorMessage>, IWorkerLauncher> launcher,
        ISupervisorOutput output,
        TimeProvider clock,
        Func<long>? bootTime = null)
    {
        _bootTime = bootTime ?? (() => 0);
        _state = state;
        _output = output;
        _clock = clock;
        _usable = new UsableTime(clock, detectsPauses: clock == TimeProvider.System);
        _start = clock.GetTimestamp();
        _launcher = launcher(PostFromLauncher);
    }

    /// <summary>The time since the start with pauses, as the service manager measures it.</summary>
    private TimeSpan RealTime => _clock.GetElapsedTime(_start);

    /// <summary>A task that completes when the loop has ended, after the last worker. It fails if the loop itself has failed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Posts a message. Can be called from any thread at any time.</summary>
    public void Post(SupervisorMessage message)
    {
        _inbox.TryAdd(message);
        if (_completion.Task.IsCompleted)
        {
            // The loop has ended and no longer reads messages. A request still needs its answer, so it is handled here.
            HandlePending();
        }
    }

    public bool HasStarted => _thread is not null;

    public void Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "cotyledon supervisor" };
        _thread = thread;
        try
        {
            thread.Start();
        }
        catch
        {
            // Nothing may wait for a loop that does not run.
            _thread = null;
            throw;
        }
    }

    /// <summary>
    /// Handles all deadlines that have passed and all waiting messages, without waiting for more. Called after the end of the loop, and by
    /// tests instead of the loop.
    /// </summary>
    public void HandlePending()
    {
        while (!_state.HasStopped && NextTimeout(_usable.Now) == TimeSpan.Zero)
        {
            Handle(new SupervisorMessage.TimePassed(), _usable.Now);
        }

        while (TryTake(TimeSpan.Zero, out var message))
        {
            Handle(message!, _usable.Now);
        }
    }

    /// <summary>Reads the state between two messages. Can be called from any thread.</summary>
    public T Read<T>(Func<SupervisorState, TimeSpan, T> read)
    {
        lock (_gate)
        {
            return read(_state, _usable.Now);
        }
    }

    public void Dispose()
    {
        _thread?.Join();
        _launcher.Dispose();
        _hasRoom.Dispose();
    }

    /// <summary>
    /// Posts a message of the launcher, and blocks while too many messages are waiting. A worker that floods its channel then fills its
    /// own socket instead of the memory of the master.
    /// </summary>
    private void PostFromLauncher(SupervisorMessage message)
    {
        while (_inbox.Count >= MaxWaiting && Thread.CurrentThread != _thread && !_completion.Task.IsCompleted)
        {
            _hasRoom.Reset();
            if (_inbox.Count >= MaxWaiting && !_completion.Task.IsCompleted)
            {
                _hasRoom.Wait();
            }
        }

        Post(message);
    }

    private void Run()
    {
        try
        {
            while (!_state.HasStopped)
            {
                // Deadlines come first, so that a flood of messages does not delay them.
                var now = _usable.Advance(TimeSpan.Zero);
                var timeout = NextTimeout(now);
                if (timeout == TimeSpan.Zero)
                {
                    Handle(new SupervisorMessage.TimePassed(), now);
                    continue;
                }

                // A long wait is cut into slices, so that a pause of this process is detected.
                var slice = timeout == Timeout.InfiniteTimeSpan ? timeout : _usable.SliceOf(timeout);
                var isTaken = TryTake(slice, out var message);
                now = _usable.Advance(slice);
                if (isTaken)
                {
                    Handle(message!, now);
                }
            }

            _completion.SetResult();
            HandlePending();
        }
        catch (Exception e)
        {
            // A bug in the supervisor. The program is stopped, and the closed channels make the workers stop gracefully.
            lock (_gate)
            {
                _state.Phase = SupervisorPhase.Stopped;
            }

            _completion.SetException(e);
            HandlePending();
        }
    }

    private bool TryTake(TimeSpan timeout, out SupervisorMessage? message)
    {
        var isTaken = _inbox.TryTake(timeout, out message);
        if (!_hasRoom.IsSet && _inbox.Count < MaxWaiting)
        {
            _hasRoom.Set();
        }

        return isTaken;
    }

    private void Handle(SupervisorMessage message, TimeSpan now)
    {
        lock (_gate)
        {
            _commands.Clear();
            _state.WallClock = _clock.GetUtcNow();
            _state.BootTime = _bootTime();
            _state.RealTime = RealTime;
            Decide.Next(_state, message, now, _commands);
            foreach (var command in _commands)
            {
                Execute(command);
            }
        }
    }

    private void Execute(SupervisorCommand command)
    {
        switch (command)
        {
            case SupervisorCommand.StartWorker start:
                _launcher.Start(start);
                break;
            case SupervisorCommand.AssignWorker assign:
                _launcher.Assign(assign.Spawn, assign.Assignment);
                break;
            case SupervisorCommand.UpdateWorker update:
                _launcher.Update(update);
                break;
            case SupervisorCommand.ExtendLease extend:
                _launcher.ExtendLease(extend.LeaseEnd);
                break;
            case SupervisorCommand.PublishConfiguration publish:
                _launcher.Publish(publish.Spawn);
                break;
            case SupervisorCommand.ReloadWorker reload:
                _launcher.Reload(reload.Spawn);
                break;
            case SupervisorCommand.StopWorker stop:
                _launcher.Stop(stop.Spawn);
                break;
            case SupervisorCommand.KillWorker kill:
                _launcher.Kill(kill.Spawn);
                break;
            case SupervisorCommand.MeasureMemory measure:
                _launcher.MeasureMemory(measure);
                break;
            case SupervisorCommand.InspectWorker inspect:
                _launcher.Inspect(inspect.Spawn);
                break;
            default:
                _output.Execute(command);
                break;
        }
    }

    private TimeSpan NextTimeout(TimeSpan now)
    {
        TimeSpan? left;
        lock (_gate)
        {
            left = _state.NextDeadline - now;
            var untilNotice = _state.NextNotice - RealTime;
            left = left is null || untilNotice < left ? untilNotice : left;
        }

        if (left is not { } time)
        {
            return Timeout.InfiniteTimeSpan;
        }

        // Rounded up to milliseconds: a wait that ends just before the deadline would make the loop spin.
        return TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue));
    }
}
