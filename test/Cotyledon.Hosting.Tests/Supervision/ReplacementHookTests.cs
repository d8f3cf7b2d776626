using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Replacement hooks keep the slot empty until they have completed.</summary>
internal sealed class ReplacementHookTests
{
    private static readonly ServiceSettings One = Master.Poller with { Workers = 1 };

    [Test]
    public void A_slot_is_filled_when_its_hooks_have_run()
    {
        var master = Started(One);
        var dead = master.Worker();
        var commands = master.Exit(dead, 1);
        Assert.That(commands.OfType<RunReplacementHooks>().Single().Exit.ExitCode, Is.EqualTo(1));
        Assert.That(master.Slot(0).Process, Is.Null);

        master.ReplacementHooksCompleted(dead.Spawn);
        Assert.That(master.Commands.OfType<StartWorker>().Count(), Is.EqualTo(1));
    }

    [Test]
    public void Back_off_and_hooks_run_at_the_same_time([Values] bool hooksEndFirst)
    {
        var master = Started(One);
        master.Exit(master.Worker(), 1);
        master.Settle();
        var dead = master.Worker();
        master.Exit(dead, 1);
        if (hooksEndFirst)
        {
            master.ReplacementHooksCompleted(dead.Spawn);
            Assert.That(master.Slot(0).Process, Is.Null, "the back-off has not passed");
            master.AdvanceToNextDeadline();
        }
        else
        {
            master.AdvanceToNextDeadline();
            Assert.That(master.Slot(0).Process, Is.Null, "the hooks run");
            master.ReplacementHooksCompleted(dead.Spawn);
        }

        Assert.That(master.Slot(0).Process, Is.Not.Null);
    }

    [Test]
    public void A_spare_worker_waits_for_the_hooks_too()
    {
        var master = new Master(Master.Defaults with { SpareWorkers = 1 }, One) { HasReplacementHooks = true }.StartAndSettle();
        master.SettleAndWait();
        var dead = master.Worker();
        Assert.That(master.Exit(dead, 1).OfType<AssignWorker>(), Is.Empty);
        Assert.That(master.ReplacementHooksCompleted(dead.Spawn).OfType<AssignWorker>().Count(), Is.EqualTo(1));
    }

    [Test]
    public void A_shutdown_requested_by_a_hook_prevents_the_replacement()
    {
        var master = Started(One);
        var dead = master.Worker();
        master.Exit(dead, 1);
        master.Stop(5);
        master.ReplacementHooksCompleted(dead.Spawn);
        master.HooksCompleted();
        Assert.That(master.AllCommands.OfType<StartWorker>().Count(), Is.EqualTo(1));
        Assert.That(master.AllCommands.OfType<Finish>().Single().ExitCode, Is.EqualTo(5));
    }

    [Test]
    public void Hooks_do_not_run_for_planned_exits_or_given_up_slots_or_without_registration()
    {
        var planned = Started(One);
        planned.Reload(method: ReloadMethod.Restart);
        planned.Settle();
        planned.Scale(0);
        planned.Settle();
        var none = new Master(One).StartAndSettle();
        none.Exit(none.Worker(), 1);
        var givenUp = Started(One with { MaxRestarts = 0 });
        givenUp.Exit(givenUp.Worker(), 1);

        Assert.That(new[] { planned, none, givenUp }.SelectMany(m => m.AllCommands).OfType<RunReplacementHooks>(), Is.Empty);
        Assert.That(planned.State.Processes, Is.Empty);
    }

    [Test]
    public void Late_or_repeated_hook_completions_have_no_effect()
    {
        var master = Started(One);
        var dead = master.Worker();
        master.Exit(dead, 1);
        master.Scale(0);
        master.Scale(1);
        Assert.That(master.Slot(0).Process is null || !master.Slot(0).IsHeld);
        master.ReplacementHooksCompleted(dead.Spawn);
        master.Settle();
        var next = master.Worker();
        master.ReplacementHooksCompleted(dead.Spawn);
        Assert.That(master.Worker(), Is.SameAs(next));
    }

    private static Master Started(ServiceSettings settings) => new Master(settings) { HasReplacementHooks = true }.StartAndSettle();
}
