using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// The loop: takes messages in their order, has them decided, and carries out the commands. It runs on a thread of its own, so
/// that it hears "stop" and keeps deadlines whatever the program does with the thread pool.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    private readonly BlockingCollection<SupervisorMessage> _inbox = [];
    private readonly List<SupervisorCommand> _commands = [];
    private readonly Lock _gate = new();
    private readonly SupervisorState _state;
    private readonly ISupervisorOutput _output;
    private readonly TimeProvider _clock;
    private readonly UsableTime _usable;
    private readonly long _start;
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
        _clock = clock;
        _usable = new UsableTime(detectsPauses: clock == TimeProvider.System);
        _start = clock.GetTimestamp();
        _launcher = launcher(Post);
    }

    /// <summary>Ends when no worker is left; fails when the loop itself failed.</summary>
    public Task Completion => _completion.Task;

    private TimeSpan Now
    {
        get
        {
            lock (_gate)
            {
                return _clock.GetElapsedTime(_start) - _usable.Paused;
            }
        }
    }

    /// <summary>Hands in a message. From any thread, at any time.</summary>
    public void Post(SupervisorMessage message)
    {
        _inbox.Add(message);
        if (_completion.Task.IsCompleted)
        {
            // Nobody reads any more: what asks for an answer gets it here.
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
        while (!_state.HasStopped && NextTimeout() == TimeSpan.Zero)
        {
            Handle(new SupervisorMessage.TimePassed());
        }

        while (_inbox.TryTake(out var message))
        {
            Handle(message);
        }
    }

    /// <summary>Looks at the state between two messages.</summary>
    public T Read<T>(Func<SupervisorState, TimeSpan, T> read)
    {
        lock (_gate)
        {
            return read(_state, Now);
        }
    }

    public void Dispose()
    {
        _thread?.Join();
        _launcher.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_state.HasStopped)
            {
                // What is due comes first: a flood of messages must not keep a deadline from being met.
                var timeout = NextTimeout();
                if (timeout == TimeSpan.Zero)
                {
                    Handle(new SupervisorMessage.TimePassed());
                }
                else if (TryTake(timeout, out var message))
                {
                    Handle(message);
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

    /// <summary>Waits for a message, not longer than until a pause of this process would be noticed.</summary>
    private bool TryTake(TimeSpan timeout, [NotNullWhen(true)] out SupervisorMessage? message)
    {
        var slice = timeout == Timeout.InfiniteTimeSpan ? timeout : _usable.SliceOf(timeout);
        var begin = _clock.GetTimestamp();
        var isTaken = _inbox.TryTake(out message, slice);
        lock (_gate)
        {
            _usable.OnWaited(slice, _clock.GetElapsedTime(begin));
        }

        return isTaken;
    }

    private void Handle(SupervisorMessage message)
    {
        lock (_gate)
        {
            _commands.Clear();
            Decide.Next(_state, message, Now, _commands);
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

    private TimeSpan NextTimeout()
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
        var left = Math.Ceiling((time - Now).TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Clamp(left, 0, int.MaxValue));
    }
}
