using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The restart of one worker of a service.</summary>
internal sealed class SingleRestartTests
{
    [Test]
    public void A_reload_in_place_does_not_answer_a_restart()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.AskForReplacement(master.Worker(0));
        master.Hello(master.Successor(0));
        master.Reload();
        master.Reloaded(master.Worker(0));
        master.Hello(master.Worker(1));
        master.Ready(master.Worker(1));
        master.Reloaded(master.Worker(1));
        master.Exit(master.Worker(0), 0);
        Assert.That((master.Worker(0).State, master.Worker(0).Reload.IsNeeded), Is.EqualTo((WorkerState.Assigned, true)));

        master.Send(new SupervisorMessage.ReloadRequested(2, new ReloadAction.RestartWorker("Poller", 0)));
        Assert.That(master.Exit(master.Successor(0), 134).Outcome()!.Failures, Has.One.Items);
    }

    [Test]
    public void Restart_of_a_worker_replaces_this_worker_only_and_starts_the_new_process_first()
    {
        var master = new Master(Poller with { Workers = 3 }, Sender).StartAndSettle();
        var others = Spawns(master, 0, 2);
        var old = master.Worker(1);

        Assert.That(Restart(master, 1).StartedIds(), Is.EqualTo(new[] { 1 }));
        Assert.That(old.IsLeaving, Is.False);
        Assert.That(master.Hello(master.Successor(1)).StoppedSpawns(), Is.EqualTo(new[] { old.Spawn }));
        master.Settle();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(1));
        Assert.That((master.Worker(1).Incarnation, master.Worker(1).State), Is.EqualTo((2, WorkerState.Ready)));
        Assert.That(Spawns(master, 0, 2), Is.EqualTo(others));
    }

    [Test]
    public void Restart_is_aborted_if_the_new_process_exits_and_the_old_worker_stays()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        var old = master.Worker(1);
        Restart(master, 1);

        master.Exit(master.Successor(1), 3);

        Assert.That(master.AllCommands.Outcome()!.Failures.Single(), Does.Contain("exited before it replaced the old one: Exited, exit code 3"));
        Assert.That((master.Worker(1), old.State), Is.EqualTo((old, WorkerState.Ready)));
    }

    [TestCase("backing off")]
    [TestCase("given up")]
    public void Restart_of_a_worker_that_is_down_starts_it_at_once_and_waits_until_it_is_ready(string state)
    {
        var master = Down(state);

        Assert.That(Restart(master, 0).StartedIds(), Is.EqualTo(new[] { 0 }));
        Assert.That(master.AllCommands.Outcome(), Is.Null);
        master.Settle();

        Assert.That((master.AllCommands.Outcome()!.Replaced, master.Service.Ready), Is.EqualTo((1, 2)));
    }

    [TestCase("backing off")]
    [TestCase("given up")]
    public void Restart_of_a_worker_that_is_down_fails_if_its_process_exits_again(string state)
    {
        var master = Down(state);
        Restart(master, 0);

        master.Exit(master.Worker(), 4);

        Assert.That(master.AllCommands.Outcome()!.Failures.Single(), Does.Contain("exited before it was ready"));
    }

    [Test]
    public void Restart_of_a_stopping_worker_waits_for_its_replacement()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Leaving(master.Worker(), WorkerExitReason.Faulted);

        Restart(master, 0);
        Assert.That(master.AllCommands.Outcome(), Is.Null);
        master.Settle();

        Assert.That((master.AllCommands.Outcome()!.Replaced, master.Worker().Incarnation), Is.EqualTo((1, 2)));
    }

    [Test]
    public void Restart_of_a_worker_that_the_service_does_not_have_is_answered_with_the_reason()
    {
        var master = new Master(Defaults with { SpareWorkers = 1 }, Poller with { Workers = 2 }).StartAndSettle();

        var answer = (CompleteReload)Restart(master, 2).Single();

        Assert.That((answer.Services.Count, answer.Error), Is.EqualTo((0, "Service 'Poller' has no worker 2. Its number of workers is 2.")));
        Assert.That(master.State.Operation, Is.Null);
    }

    [Test]
    public void Restart_is_answered_if_its_worker_leaves_the_target()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        Restart(master, 1);

        Assert.That(master.Scale(1).OfType<CompleteReload>().Single().Error, Is.Null);
    }

    [Test]
    public void Restart_uses_no_spare_of_an_older_build()
    {
        var master = new Master(Defaults with { SpareWorkers = 1 }, Poller).StartAndSettle();
        var spare = master.State.Spares.Slots[0].Process!;

        Restart(master, 0);
        master.Settle();

        Assert.That(spare.Departure.IsRequested);
        Assert.That(master.Worker().Spawn, Is.GreaterThan(spare.Spawn));
    }

    private static IReadOnlyList<SupervisorCommand> Restart(Master master, int workerId) =>
        master.Send(new SupervisorMessage.ReloadRequested(1, new ReloadAction.RestartWorker("Poller", workerId)));

    private static Master Down(string state)
    {
        var master = new Master(Poller with { Workers = 2, MaxRestarts = state == "given up" ? 1 : null }).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.Exit(master.Worker(), 2);
        Assert.That(master.Slot(0).State, Is.EqualTo(state == "given up" ? WorkerState.GivenUp : WorkerState.BackingOff));
        return master;
    }

    private static int[] Spawns(Master master, params int[] workers) => [.. workers.Select(w => master.Worker(w).Spawn)];
}
