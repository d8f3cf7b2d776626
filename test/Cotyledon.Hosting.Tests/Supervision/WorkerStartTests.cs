using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The start data in the commands: duration, waiting time, use of a spare worker, and outage.</summary>
internal sealed class WorkerStartTests
{
    private static readonly ServiceSettings Slow = Poller with { Backoff = new Backoff(Seconds(4), Seconds(4)) };

    [Test]
    public void A_start_lasts_from_the_process_until_it_is_ready()
    {
        var master = new Master(Poller);
        master.Start();
        master.Advance(Seconds(1));
        master.Hello(master.Worker());
        master.Advance(Seconds(2));
        master.Ready(master.Worker());

        Assert.That(Starts(master), Is.EqualTo(new[] { new StartTimes(Seconds(3), TimeSpan.Zero, WasSpare: false, Outage: null) }));
    }

    [Test]
    public void A_worker_that_becomes_idle_after_it_was_ready_has_started_once()
    {
        var master = new Master(Poller).StartAndSettle();

        master.Idle(master.Worker());

        Assert.That(Starts(master), Has.Count.EqualTo(1));
    }

    [Test]
    public void An_outage_lasts_from_the_crash_of_a_ready_worker_until_the_next_worker_is_ready()
    {
        var master = new Master(Slow).StartAndSettle();
        master.Exit(master.Worker(), ExitStatus.Signaled(11));
        master.Advance(Seconds(1));
        master.Exit(master.Worker(), 2);
        var failed = master.AllCommands.OfType<RecordExit>().Last().FailedStart;
        master.Recover();

        Assert.That(failed, Is.EqualTo(new StartTimes(
            Seconds(1), TimeSpan.Zero, WasSpare: false, new WorkerOutage(Seconds(1), WorkerExitReason.Signaled))));
        var outage = Starts(master)[^1].Outage!;
        Assert.That(outage.Reason, Is.EqualTo(WorkerExitReason.Signaled));
        Assert.That(outage.Duration, Is.GreaterThan(Seconds(1)).And.LessThanOrEqualTo(Seconds(6)));
    }

    [Test]
    public void The_time_that_a_successor_waits_for_its_slot_is_reported_separately()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Reload(method: ReloadMethod.Restart);
        master.Advance(Seconds(1));
        master.Hello(master.Successor());
        var old = master.Worker();
        master.Advance(Seconds(5));
        master.Exit(old, 0);
        master.Advance(Seconds(2));
        master.Ready(master.Worker());

        Assert.That(Starts(master)[^1], Is.EqualTo(new StartTimes(
            Seconds(8), Seconds(5), WasSpare: false, new WorkerOutage(Seconds(2), WorkerExitReason.Replaced))));
    }

    [Test]
    public void The_start_of_a_spare_worker_begins_when_it_is_assigned()
    {
        var master = new Master(Defaults with { SpareWorkers = 1 }, Poller);
        master.Start();
        master.Settle();
        master.Advance(Seconds(100));
        master.Exit(master.Worker(), 2);
        master.Advance(Seconds(1));
        master.Ready(master.Worker());

        var start = Starts(master)[^1];
        Assert.That(start, Is.EqualTo(new StartTimes(
            Seconds(1), TimeSpan.Zero, WasSpare: true, new WorkerOutage(Seconds(1), WorkerExitReason.Exited))));
    }

    [Test]
    public void A_worker_asked_to_stop_during_its_start_is_not_a_failed_start()
    {
        var master = new Master(Poller);
        master.Start();
        master.Hello(master.Worker());
        master.Scale(0);
        master.Settle();

        Assert.That(master.AllCommands.OfType<RecordExit>().Single().FailedStart, Is.Null);
    }

    [Test]
    public void A_spare_worker_that_fails_to_start_is_not_a_failed_start_of_a_worker()
    {
        var master = new Master(Defaults with { SpareWorkers = 1 }, Poller).StartAndSettle();
        var spare = master.State.Spares.Slots[0].Process!;
        master.Exit(spare, 2);

        Assert.That(master.AllCommands.OfType<RecordExit>().Single().FailedStart, Is.Null);
    }

    [Test]
    public void Failed_starts_are_counted_until_a_worker_is_ready()
    {
        var master = new Master(Slow);
        master.Start();
        for (var i = 1; i <= 3; i++)
        {
            master.Exit(master.Worker(), 2);
            Assert.That(master.Slot(0).Failures.FailedStarts, Is.EqualTo(i));
            master.Advance(Seconds(4));
        }

        master.Settle();
        Assert.That(master.Slot(0).Failures.FailedStarts, Is.Zero);
        master.Exit(master.Worker(), 2);
        Assert.That(master.Slot(0).Failures.FailedStarts, Is.Zero, "the worker was ready");
    }

    [Test]
    public void A_slot_outside_the_target_has_no_outage()
    {
        var master = new Master(Slow with { Workers = 2 }).StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.Exit(master.Worker(1), 2);
        master.Scale(1);
        master.Advance(Seconds(100));
        master.Scale(2);
        master.Settle();

        Assert.That(Starts(master)[^1].Outage, Is.Null);
    }

    [Test]
    public void A_worker_id_that_returns_to_the_target_has_no_failed_starts()
    {
        var master = new Master(Slow with { Workers = 2 }).StartAndSettle();
        for (var i = 0; i < 3; i++)
        {
            master.Exit(master.Worker(1), 2);
            master.Advance(Seconds(100));
        }

        Assert.That(master.Slot(1).Failures.FailedStarts, Is.Positive);
        master.Scale(1);
        master.Settle();
        master.Scale(2);

        Assert.That(master.Slot(1).Failures.FailedStarts, Is.Zero);
    }

    private static List<StartTimes> Starts(Master master) =>
        [.. master.AllCommands.OfType<Publish>().Where(p => p.Start is not null).Select(p => p.Start!)];
}
