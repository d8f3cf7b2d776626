using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Workers that are old or big are replaced as a rolling restart does it.</summary>
internal sealed class RecyclingTests
{
    private const long Limit = 1_000_000_000;

    private static readonly ServiceSettings Aging = Poller with { Workers = 5, MaxAge = Seconds(1000) };
    private static readonly ServiceSettings Growing = Poller with { Workers = 5, MaxMemory = Limit };

    [Test]
    public void A_worker_is_replaced_at_its_age_give_or_take_a_tenth_and_others_at_other_times()
    {
        var master = new Master(Aging).StartAndSettle();
        var due = master.State.Processes.Values.Select(p => p.Age.Deadline!.Value).ToList();

        Assert.That(due, Has.All.InRange(Seconds(900), Seconds(1000)));
        Assert.That(due, Is.Unique);
    }

    [Test]
    public void The_new_process_is_started_first_and_takes_over_when_the_old_one_has_left_for_its_age()
    {
        var master = new Master(Aging with { Workers = 1 }).StartAndSettle();
        var old = master.Worker();

        Assert.That(master.AdvanceToNextDeadline().InWords(), Is.EqualTo("start"));
        master.Started(master.Successor());
        Assert.That(master.Hello(master.Successor()).InWords(), Is.EqualTo("stop, Stopping"));
        var exit = master.Exit(old, 0).Exit();

        Assert.That((exit.Reason, exit.NextStart), Is.EqualTo((WorkerExitReason.MaxAge, TimeSpan.Zero)));
        Assert.That(exit.Message, Does.Contain("MaxAge is 00:16:40"));
        Assert.That(master.Commands.InWords(), Does.Contain("assign"));
    }

    [TestCase(1)]
    [TestCase(2)]
    public void When_all_are_too_old_at_once_no_more_are_away_than_may_be(int maxUnavailable)
    {
        var master = new Master(Aging with { MaxUnavailable = maxUnavailable }).StartAndSettle();
        master.Advance(Seconds(2000));

        // The invariants look at the budget after each message.
        Assert.That(master.State.Processes, Has.Count.EqualTo(5 + maxUnavailable), "the first successors");
        master.Settle();

        Assert.That(ExitsOf(master), Is.EqualTo(Enumerable.Repeat(WorkerExitReason.MaxAge, 5)));
        Assert.That(master.Service.Ready, Is.EqualTo(5));
    }

    [Test]
    public void The_memory_of_a_worker_with_a_limit_is_measured_again_and_again()
    {
        var master = new Master(Growing with { Workers = 1 }).StartAndSettle();

        for (var i = 0; i < 3; i++)
        {
            Assert.That(master.Advance(Seconds(5)).OfType<MeasureMemory>().Single().Limit, Is.InRange(Limit * 9 / 10, Limit));
        }

        Assert.That(master.Uses(master.Worker(), Limit * 9 / 10 - 1), Is.Empty);
    }

    [Test]
    public void One_that_uses_more_is_replaced_and_the_record_says_how_much_it_was()
    {
        var master = new Master(Growing with { Workers = 1 }).StartAndSettle();

        Assert.That(master.Uses(master.Worker(), Limit).InWords(), Is.EqualTo("start"));
        master.Settle();

        Assert.That(ExitsOf(master), Is.EqualTo(new[] { WorkerExitReason.MaxMemory }));
        Assert.That(
            master.AllCommands.OfType<RecordExit>().Single().Exit.Message, Is.EqualTo("It uses 954 MiB; MaxMemory is 954 MiB."));
    }

    [Test]
    public void When_all_use_too_much_at_once_they_are_replaced_one_after_the_other()
    {
        var master = new Master(Growing).StartAndSettle();
        master.State.Processes.Values.ToList().ForEach(p => master.Uses(p, 2 * Limit));
        Assert.That(master.State.Processes, Has.Count.EqualTo(6));
        master.Settle();

        Assert.That(ExitsOf(master), Is.EqualTo(Enumerable.Repeat(WorkerExitReason.MaxMemory, 5)));
    }

    [Test]
    public void Where_the_new_process_cannot_start_the_old_one_stays_and_it_is_tried_again_later()
    {
        var settings = Growing with { Workers = 1, Backoff = new Backoff(Seconds(1), Seconds(30)) };
        var master = new Master(settings).StartAndSettle();
        var old = master.Worker();
        master.Uses(old, Limit);
        master.Exit(master.Successor(), 1);
        Assert.That(master.Commands.InWords(), Does.Contain("abort"));

        Assert.That(master.Advance(Seconds(29)), Is.Empty);
        Assert.That(master.Advance(Seconds(1)).InWords(), Is.EqualTo("measure"));
        Assert.That(master.Uses(old, Limit).InWords(), Is.EqualTo("start"));
        Assert.That(master.Worker(), Is.SameAs(old));
    }

    [Test]
    public void An_old_one_is_asked_again_as_well()
    {
        var master = new Master(Aging with { Workers = 1, Backoff = new Backoff(Seconds(1), Seconds(30)) }).StartAndSettle();
        master.AdvanceToNextDeadline();
        master.Exit(master.Successor(), 1);

        Assert.That(master.Advance(Seconds(29)), Is.Empty);
        Assert.That(master.Advance(Seconds(1)).InWords(), Is.EqualTo("start"));
    }

    [Test]
    public void One_that_is_killed_by_others_while_it_leaves_for_its_age_was_killed()
    {
        var master = new Master(Aging with { Workers = 1 }).StartAndSettle();
        var old = master.Worker();
        master.AdvanceToNextDeadline();
        master.Hello(master.Successor());

        Assert.That(master.Exit(old, ExitStatus.Signaled(9)).Exit().Reason, Is.EqualTo(WorkerExitReason.Signaled));
    }

    [Test]
    public void New_limits_hold_for_workers_that_run()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Advance(Seconds(500));
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { MaxAge = Seconds(100), MaxMemory = Limit }]));

        Assert.That(master.AdvanceToNextDeadline().InWords(), Is.EqualTo("start"), "it is older than that already");
        Assert.That(master.Advance(Seconds(5)).InWords(), Is.EqualTo("measure"));

        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller]));
        Assert.That((master.Worker().Age.Deadline, master.Worker().Memory.Deadline), Is.EqualTo(((TimeSpan?)null, (TimeSpan?)null)));
    }

    private static IEnumerable<WorkerExitReason> ExitsOf(Master master) =>
        master.AllCommands.OfType<RecordExit>().Select(r => r.Exit.Reason);
}
