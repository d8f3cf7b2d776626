using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The kill of a worker on request.</summary>
internal sealed class KillTests
{
    [Test]
    public void Kill_of_the_present_incarnation_kills_it_and_is_handled_as_a_crash()
    {
        var master = new Master(Poller).StartAndSettle();
        var worker = master.Worker();

        var commands = Kill(master, incarnation: 1);
        Assert.That(commands.KilledSpawns(), Is.EqualTo(new[] { worker.Spawn }));
        Assert.That(commands.Answers().Single().Error, Is.Null);
        Assert.That(commands.OfType<Publish>().Single(), Is.EqualTo(
            new Publish(WorkerEventKind.Killed, worker.Identity, "was killed (requested by: control uid 0 pid 12).")));

        var exit = master.Exit(worker, ExitStatus.Signaled(9)).Exit();
        Assert.That((exit.Reason, exit.Signal, exit.NextStart), Is.EqualTo((WorkerExitReason.Killed, 9, TimeSpan.Zero)));
        Assert.That(exit.Message, Is.EqualTo("Requested by: control uid 0 pid 12."));
        Assert.That((master.Slot(0).Failures.Restarts, master.Slot(0).Failures.InRow), Is.EqualTo((1, 1)));
    }

    [Test]
    public void Kill_of_an_old_incarnation_does_not_hit_its_successor()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();

        Assert.That(IsRefused(Kill(master, incarnation: 1)), Is.EqualTo("Incarnation 1 of worker 0 does not run any more."));
        Assert.That(master.Worker().State, Is.EqualTo(WorkerState.Ready));
    }

    [TestCase(0, 0)]
    [TestCase(0, 2)]
    [TestCase(1, 1)]
    [TestCase(0, -1)]
    public void Kill_of_a_worker_that_does_not_exist_is_refused(int workerId, long incarnation)
    {
        var master = new Master(Poller).StartAndSettle();

        Assert.That(IsRefused(Kill(master, incarnation, workerId)), Is.Not.Null);
    }

    [TestCase(0)]
    [TestCase(1)]
    public void Kill_never_hits_a_process_that_has_no_worker_id_yet(long incarnation)
    {
        var master = new Master(Poller).StartAndSettle();
        master.Exit(master.Worker(), 2);

        Assert.That(master.Worker().State, Is.EqualTo(WorkerState.Starting));
        Assert.That(IsRefused(Kill(master, incarnation)), Is.Not.Null);
    }

    [Test]
    public void Second_kill_succeeds_without_another_signal()
    {
        var master = new Master(Poller).StartAndSettle();
        Kill(master, incarnation: 1);

        var again = Kill(master, incarnation: 1, request: 2);

        Assert.That((again.KilledSpawns().Count, again.Answers().Single().Error), Is.EqualTo((0, (string?)null)));
    }

    [Test]
    public void Repeated_kills_are_limited_like_crashes()
    {
        var master = new Master(Poller with { MaxRestarts = 1 }).StartAndSettle();
        for (var incarnation = 1; incarnation <= 2; incarnation++)
        {
            Kill(master, incarnation, request: incarnation);
            master.Settle();
        }

        Assert.That(master.Slot(0).IsGivenUp);
    }

    [Test]
    public void Kill_of_a_worker_that_was_told_to_stop_is_no_crash()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Scale(1);

        Assert.That(Kill(master, incarnation: 1, workerId: 1).KilledSpawns(), Has.Count.EqualTo(1));
        var exit = master.Exit(master.Worker(1), ExitStatus.Signaled(9)).Exit();

        Assert.That((exit.Reason, exit.NextStart, master.Slot(1).Failures.Restarts), Is.EqualTo((WorkerExitReason.Killed, (TimeSpan?)null, 0)));
    }

    [Test]
    public void Kill_of_a_worker_that_fails_keeps_its_exception()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Leaving(master.Worker(), WorkerExitReason.Faulted, "System.Exception: broken");
        Kill(master, incarnation: 1);

        Assert.That(master.Exit(master.Worker(), ExitStatus.Signaled(9)).Exit().Message, Is.EqualTo("System.Exception: broken"));
    }

    [Test]
    public void Kill_of_the_old_worker_during_a_restart_lets_the_successor_take_over()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Restart();
        Kill(master, incarnation: 1, request: 2);
        master.Settle();

        Assert.That((master.AllCommands.Outcome()!.Replaced, master.Worker().Incarnation), Is.EqualTo((1, 2)));
    }

    [Test]
    public void Kill_is_answered_before_the_start_during_the_stop_and_after_the_end()
    {
        var master = new Master(Poller);
        Assert.That(IsRefused(Kill(master, incarnation: 1)), Is.Not.Null);
        master.StartAndSettle();
        master.Stop();
        master.HooksCompleted();

        Assert.That(Kill(master, incarnation: 1, request: 2).KilledSpawns(), Has.Count.EqualTo(1));
        master.Settle();

        Assert.That(master.State.HasStopped);
        Assert.That(IsRefused(Kill(master, incarnation: 1, request: 3)), Is.EqualTo("The supervisor is stopping."));
    }

    private static IReadOnlyList<SupervisorCommand> Kill(Master master, long incarnation, int workerId = 0, int request = 1) =>
        master.Send(new SupervisorMessage.KillRequested("Poller", workerId, incarnation, request, "control uid 0 pid 12"));

    /// <summary>The answer, if nothing was killed.</summary>
    private static string? IsRefused(IReadOnlyList<SupervisorCommand> commands) => commands is [CompleteRequest { Error: { } error }] ? error : null;
}
