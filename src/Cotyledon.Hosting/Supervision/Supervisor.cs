using System.Collections.Concurrent;

namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// The loop: takes messages in their order, has them decided, and carries out the commands. It runs on a thread of its own, so
/// that it hears "stop" and keeps deadlines whatever the program does with the thread pool.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    /// <summary>How many messages may wait before the launcher has to wait as well. Thousands of workers may die in one moment.</summary>
    internal const int MaxWaiting = 50_000;

    private readonly BlockingCollection<SupervisorMessage> _inbox = [];
    private readonly ManualResetEventSlim _hasRoom = new(true);
    private readonly List<SupervisorCommand> _commands = [];
    private readonly Lock _gate = new();
    private readonly SupervisorState _state;
    private readonly ISupervisorOutput _output;
    private readonly UsableTime _usable;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IWorkerLauncher _launcher;
    private Thread? _thread;

    public Supervisor(
        SupervisorState state,
        Func<Action<SupervisorMessage>, IWorkerLauncher> launcher,
        ISupervisorOutput output,
        TimeProvider clock)
    {
        _state = state;
        _output = output;
        _usable = new UsableTime(clock, detectsPauses: clock == TimeProvider.System);
        _launcher = launcher(PostFromLauncher);
    }

    /// <summary>Ends when no worker is left; fails when the loop itself failed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Hands in a message. From any thread, at any time.</summary>
    public void Post(SupervisorMessage message)
    {
        _inbox.Add(message);
        if (_completion.Task.IsCompleted)
        {
            // IdleService reads any more: what asks for an answer gets it here.
            HandlePending();
        }
    }

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "cotyledon supervisor" };
        _thread.Start();
    }

    /// <summary>Takes in what is waiting and what is due, without waiting itself: one turn of the loop.</summary>
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

    /// <summary>Looks at the state between two messages.</summary>
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
    /// Waits while too many messages are waiting. A worker that floods its channel then fills its own socket, and not the memory of
    /// the master.
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
                // What is due comes first: a flood of messages must not keep a deadline from being met.
                var now = _usable.Advance(TimeSpan.Zero);
                var timeout = NextTimeout(now);
                if (timeout == TimeSpan.Zero)
                {
                    Handle(new SupervisorMessage.TimePassed(), now);
                    continue;
                }

                // Not longer than until a pause of this process would be noticed.
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
            // A mistake in here. The program is stopped, and the closed channels end the workers gracefully.
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
        var isTaken = _inbox.TryTake(out message, timeout);
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
        TimeSpan? deadline;
        lock (_gate)
        {
            deadline = _state.NextDeadline;
        }

        if (deadline is not { } time)
        {
            return Timeout.InfiniteTimeSpan;
        }

        // Rounded up to the timer's unit, so that the wait does not end just before the deadline and spin.
        var left = Math.Ceiling((time - now).TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Clamp(left, 0, int.MaxValue));
    }
}
