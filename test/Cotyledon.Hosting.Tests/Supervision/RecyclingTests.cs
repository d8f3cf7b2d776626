using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Workers that reach MaxAge or MaxMemory are replaced as in a rolling restart.</summary>
internal sealed class RecyclingTests
{
    private const long Limit = 1_000_000_000;

    private static readonly ServiceSettings Aging = Poller with { Workers = 5, MaxAge = Seconds(1000) };
    private static readonly ServiceSettings Growing = Poller with { Workers = 5, MaxMemory = Limit };

    [Test]
    public void Workers_reach_MaxAge_up_to_a_tenth_early_and_at_different_times()
    {
        var master = new Master(Aging).StartAndSettle();
        var due = master.State.Processes.Values.Select(p => p.Checks.Age.Deadline!.Value).ToList();

        Assert.That(due, Has.All.InRange(Seconds(900), Seconds(1000)));
        Assert.That(due, Is.Unique);
    }

    [Test]
    public void The_successor_starts_first_and_takes_over_when_the_old_worker_has_exited_for_MaxAge()
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
    [Category("Guarantee 5")]
    public void Simultaneous_replacements_for_MaxAge_respect_MaxUnavailable(int maxUnavailable)
    {
        var master = new Master(Aging with { MaxUnavailable = maxUnavailable }).StartAndSettle();
        master.Advance(Seconds(2000));

        // The invariants check MaxUnavailable after each message.
        Assert.That(master.State.Processes, Has.Count.EqualTo(5 + maxUnavailable), "the first successors");
        master.Settle();

        Assert.That(ExitsOf(master), Is.EqualTo(Enumerable.Repeat(WorkerExitReason.MaxAge, 5)));
        Assert.That(master.Service.Ready, Is.EqualTo(5));
    }

    [Test]
    public void The_memory_of_a_worker_with_a_limit_is_measured_periodically()
    {
        var master = new Master(Growing with { Workers = 1 }).StartAndSettle();

        for (var i = 0; i < 3; i++)
        {
            Assert.That(master.Advance(Seconds(5)).OfType<MeasureMemory>().Single().Limit, Is.InRange(Limit * 9 / 10, Limit));
        }

        Assert.That(master.ReportMemory(master.Worker(), Limit * 9 / 10 - 1), Is.Empty);
    }

    [Test]
    public void A_worker_over_MaxMemory_is_replaced_and_its_exit_record_contains_the_usage()
    {
        var master = new Master(Growing with { Workers = 1 }).StartAndSettle();

        Assert.That(master.ReportMemory(master.Worker(), Limit).InWords(), Is.EqualTo("start"));
        master.Settle();

        Assert.That(ExitsOf(master), Is.EqualTo(new[] { WorkerExitReason.MaxMemory }));
        Assert.That(
            master.AllCommands.OfType<RecordExit>().Single().Exit.Message, Is.EqualTo("It uses 954 MiB; MaxMemory is 954 MiB."));
    }

    [Test, Category("Guarantee 5")]
    public void Workers_over_MaxMemory_at_the_same_time_are_replaced_one_after_the_other()
    {
        var master = new Master(Growing).StartAndSettle();
        master.State.Processes.Values.ToList().ForEach(p => master.ReportMemory(p, 2 * Limit));
        Assert.That(master.State.Processes, Has.Count.EqualTo(6));
        master.Settle();

        Assert.That(ExitsOf(master), Is.EqualTo(Enumerable.Repeat(WorkerExitReason.MaxMemory, 5)));
    }

    [Test]
    public void Failed_replacement_for_MaxMemory_keeps_the_old_worker_and_is_retried_later()
    {
        var settings = Growing with { Workers = 1, Backoff = new Backoff(Seconds(1), Seconds(30)) };
        var master = new Master(settings).StartAndSettle();
        var old = master.Worker();
        master.ReportMemory(old, Limit);
        master.Exit(master.Successor(), 1);
        Assert.That(master.Commands.InWords(), Does.Contain("abort"));

        Assert.That(master.Advance(Seconds(29)), Is.Empty);
        Assert.That(master.Advance(Seconds(1)).InWords(), Is.EqualTo("measure"));
        Assert.That(master.ReportMemory(old, Limit).InWords(), Is.EqualTo("start"));
        Assert.That(master.Worker(), Is.SameAs(old));
    }

    [Test]
    public void Failed_replacement_for_MaxAge_is_retried_later()
    {
        var master = new Master(Aging with { Workers = 1, Backoff = new Backoff(Seconds(1), Seconds(30)) }).StartAndSettle();
        master.AdvanceToNextDeadline();
        master.Exit(master.Successor(), 1);

        Assert.That(master.Advance(Seconds(29)), Is.Empty);
        Assert.That(master.Advance(Seconds(1)).InWords(), Is.EqualTo("start"));
    }

    [Test]
    public void A_worker_killed_while_it_stops_for_MaxAge_is_recorded_as_signaled()
    {
        var master = new Master(Aging with { Workers = 1 }).StartAndSettle();
        var old = master.Worker();
        master.AdvanceToNextDeadline();
        master.Hello(master.Successor());

        Assert.That(master.Exit(old, ExitStatus.Signaled(9)).Exit().Reason, Is.EqualTo(WorkerExitReason.Signaled));
    }

    [Test]
    public void New_limits_apply_to_running_workers()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Advance(Seconds(500));
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { MaxAge = Seconds(100), MaxMemory = Limit }]));

        Assert.That(master.AdvanceToNextDeadline().InWords(), Is.EqualTo("start"), "the worker has already passed the new MaxAge");
        Assert.That(master.Advance(Seconds(5)).InWords(), Is.EqualTo("measure"));

        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller]));
        Assert.That((master.Worker().Checks.Age.Deadline, master.Worker().Checks.Memory.Deadline), Is.EqualTo(((TimeSpan?)null, (TimeSpan?)null)));
    }

    private static IEnumerable<WorkerExitReason> ExitsOf(Master master) =>
        master.AllCommands.OfType<RecordExit>().Select(r => r.Exit.Reason);
}
