using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Checks the transition table above <see cref="ProcessState"/>, line by line.</summary>
internal sealed class WorkerTableTests
{
    internal enum Event
    {
        Started,
        Hello,
        Mismatch,
        Ready,
        Idle,
        Leaving,
        StopRequested,
        Deadline,
        Replace,
    }

    private readonly Master _master = new(Poller with { Backoff = new Backoff(Seconds(1), Seconds(1)) });

    [TestCase(WorkerState.Starting, Event.Started, WorkerState.Starting, "Started")]
    [TestCase(WorkerState.Starting, Event.Hello, WorkerState.Assigned, "assign, Assigned")]
    [TestCase(WorkerState.Starting, Event.Mismatch, WorkerState.Killed, "kill, Killed")]
    [TestCase(WorkerState.Starting, Event.Ready, WorkerState.Starting, "")]
    [TestCase(WorkerState.Starting, Event.Idle, WorkerState.Starting, "")]
    [TestCase(WorkerState.Starting, Event.Leaving, WorkerState.Stopping, "Stopping")]
    [TestCase(WorkerState.Starting, Event.StopRequested, WorkerState.Killed, "scale, kill, Killed")]
    [TestCase(WorkerState.Starting, Event.Deadline, WorkerState.Killed, "kill, Killed")]
    [TestCase(WorkerState.Starting, Event.Replace, WorkerState.Starting, "start")]
    [TestCase(WorkerState.Assigned, Event.Hello, WorkerState.Assigned, "")]
    [TestCase(WorkerState.Assigned, Event.Mismatch, WorkerState.Killed, "kill, Killed")]
    [TestCase(WorkerState.Assigned, Event.Ready, WorkerState.Ready, "Ready, announce")]
    [TestCase(WorkerState.Assigned, Event.Idle, WorkerState.Idle, "Idle, announce")]
    [TestCase(WorkerState.Assigned, Event.Leaving, WorkerState.Stopping, "Stopping")]
    [TestCase(WorkerState.Assigned, Event.StopRequested, WorkerState.Stopping, "scale, stop, Stopping")]
    [TestCase(WorkerState.Assigned, Event.Deadline, WorkerState.Killed, "kill, Killed")]
    [TestCase(WorkerState.Assigned, Event.Replace, WorkerState.Assigned, "start")]
    [TestCase(WorkerState.Ready, Event.Hello, WorkerState.Ready, "")]
    [TestCase(WorkerState.Ready, Event.Mismatch, WorkerState.Killed, "kill, Killed")]
    [TestCase(WorkerState.Ready, Event.Ready, WorkerState.Ready, "")]
    [TestCase(WorkerState.Ready, Event.Idle, WorkerState.Idle, "Idle")]
    [TestCase(WorkerState.Ready, Event.Leaving, WorkerState.Stopping, "Stopping")]
    [TestCase(WorkerState.Ready, Event.StopRequested, WorkerState.Stopping, "scale, stop, Stopping")]
    [TestCase(WorkerState.Ready, Event.Deadline, WorkerState.Ready, "")]
    [TestCase(WorkerState.Ready, Event.Replace, WorkerState.Ready, "start")]
    [TestCase(WorkerState.Idle, Event.Hello, WorkerState.Idle, "")]
    [TestCase(WorkerState.Idle, Event.Mismatch, WorkerState.Killed, "kill, Killed")]
    [TestCase(WorkerState.Idle, Event.Ready, WorkerState.Idle, "")]
    [TestCase(WorkerState.Idle, Event.Idle, WorkerState.Idle, "")]
    [TestCase(WorkerState.Idle, Event.Leaving, WorkerState.Stopping, "Stopping")]
    [TestCase(WorkerState.Idle, Event.StopRequested, WorkerState.Stopping, "scale, stop, Stopping")]
    [TestCase(WorkerState.Idle, Event.Deadline, WorkerState.Idle, "")]
    [TestCase(WorkerState.Idle, Event.Replace, WorkerState.Idle, "start")]
    [TestCase(WorkerState.Stopping, Event.Hello, WorkerState.Stopping, "")]
    [TestCase(WorkerState.Stopping, Event.Mismatch, WorkerState.Stopping, "")]
    [TestCase(WorkerState.Stopping, Event.Ready, WorkerState.Stopping, "")]
    [TestCase(WorkerState.Stopping, Event.Idle, WorkerState.Stopping, "")]
    [TestCase(WorkerState.Stopping, Event.Leaving, WorkerState.Stopping, "")]
    [TestCase(WorkerState.Stopping, Event.StopRequested, WorkerState.Stopping, "scale")]
    [TestCase(WorkerState.Stopping, Event.Deadline, WorkerState.Killed, "kill, Killed")]
    [TestCase(WorkerState.Stopping, Event.Replace, WorkerState.Stopping, "")]
    [TestCase(WorkerState.Killed, Event.Started, WorkerState.Killed, "Started")]
    [TestCase(WorkerState.Killed, Event.Hello, WorkerState.Killed, "")]
    [TestCase(WorkerState.Killed, Event.Mismatch, WorkerState.Killed, "")]
    [TestCase(WorkerState.Killed, Event.Ready, WorkerState.Killed, "")]
    [TestCase(WorkerState.Killed, Event.Idle, WorkerState.Killed, "")]
    [TestCase(WorkerState.Killed, Event.Leaving, WorkerState.Killed, "")]
    [TestCase(WorkerState.Killed, Event.StopRequested, WorkerState.Killed, "scale")]
    [TestCase(WorkerState.Killed, Event.Deadline, WorkerState.Killed, "stuck")]
    [TestCase(WorkerState.Killed, Event.Replace, WorkerState.Killed, "")]
    public void An_event_leads_to_the_state_and_the_commands_of_the_table(WorkerState from, Event trigger, WorkerState to, string commands)
    {
        var process = ProcessIn(from);

        Apply(trigger, process);

        Assert.That(process.State, Is.EqualTo(to));
        Assert.That(_master.Commands.InWords(), Is.EqualTo(commands));
    }

    [TestCase(WorkerState.Starting)]
    [TestCase(WorkerState.Assigned)]
    [TestCase(WorkerState.Ready)]
    [TestCase(WorkerState.Idle)]
    [TestCase(WorkerState.Stopping)]
    [TestCase(WorkerState.Killed)]
    public void An_exit_frees_the_slot_in_every_state(WorkerState from)
    {
        var process = ProcessIn(from);

        var exit = _master.Exit(process, 1).Exit();

        Assert.That(exit.ExitCode, Is.EqualTo(1));
        Assert.That(_master.State.Processes.Values, Does.Not.Contain(process));
        Assert.That(_master.Slot(0).Process, Is.Not.SameAs(process));
    }

    [Test]
    public void Messages_of_processes_that_have_exited_have_no_effect(
        [Values(Event.Started, Event.Hello, Event.Mismatch, Event.Ready, Event.Idle, Event.Leaving, Event.Replace)] Event trigger)
    {
        var process = ProcessIn(WorkerState.Ready);
        _master.Exit(process, 0);
        _master.Settle();
        var next = _master.Worker();

        Apply(trigger, process);
        Assert.That(_master.Commands, Is.Empty);
        _master.Exit(process, 1);
        _master.StartFailed(process);

        Assert.That(_master.Commands, Is.Empty);
        Assert.That(_master.Worker(), Is.SameAs(next));
        Assert.That(next.State, Is.EqualTo(WorkerState.Ready));
    }

    private ProcessState ProcessIn(WorkerState state)
    {
        _master.Start();
        var process = _master.Worker();
        if (state is WorkerState.Starting)
        {
            return process;
        }

        if (state is WorkerState.Killed)
        {
            _master.Advance(Poller.ReadyTimeout);
            return process;
        }

        _master.Hello(process);
        if (state is WorkerState.Assigned)
        {
            return process;
        }

        _master.Ready(process);
        if (state is WorkerState.Idle)
        {
            _master.Idle(process);
        }

        if (state is WorkerState.Stopping)
        {
            _master.Leaving(process, WorkerExitReason.Faulted);
        }

        return process;
    }

    private void Apply(Event trigger, ProcessState process) => _ = trigger switch
    {
        Event.Started => _master.Started(process),
        Event.Hello => _master.Hello(process),
        Event.Mismatch => _master.BreakProtocol(process, "another version"),
        Event.Ready => _master.Ready(process),
        Event.Idle => _master.Idle(process),
        Event.Leaving => _master.Leaving(process, WorkerExitReason.Faulted),
        Event.StopRequested => _master.Scale(0),
        Event.Deadline => _master.Advance(TimeSpan.FromDays(1)),
        _ => _master.AskForReplacement(process),
    };
}
