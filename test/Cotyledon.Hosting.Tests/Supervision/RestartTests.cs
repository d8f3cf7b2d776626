using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class RestartTests
{
    private static readonly ServiceSettings Steady = Poller with
    {
        Backoff = new Backoff(Seconds(1), Seconds(30)),
        StableAfter = Seconds(10),
    };

    [Test]
    public void The_first_crash_is_followed_by_an_immediate_start_in_the_same_slot()
    {
        var master = new Master(Steady with { Workers = 3 }).StartAndSettle();

        master.Exit(master.Worker(1), 2);

        Assert.That(master.Commands.Exit().NextStart, Is.EqualTo(TimeSpan.Zero));
        Assert.That(master.Commands.StartedIds(), Is.EqualTo(new[] { 1 }));
        master.Settle();
        Assert.That(master.Worker(1).Incarnation, Is.EqualTo(2));
        Assert.That(master.Slot(1).Failures.Restarts, Is.EqualTo(1));
    }

    [Test]
    public void Back_off_doubles_with_each_consecutive_crash_up_to_the_maximum()
    {
        var master = new Master(Steady).StartAndSettle();
        double[] expected = [0, 1, 2, 4, 8, 16, 30, 30];

        foreach (var seconds in expected)
        {
            var delay = master.Exit(master.Worker(), 2).Exit().NextStart;

            Assert.That(delay, Is.InRange(Seconds(0.75 * seconds), Seconds(Math.Min(1.25 * seconds, 30))));
            Assert.That(master.Slot(0).Deadline, Is.EqualTo(delay > TimeSpan.Zero ? master.Now + delay : null));
            master.Recover();
        }
    }

    [Test]
    public void Nothing_is_started_before_the_back_off_ends()
    {
        var master = new Master(Steady).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        var delay = master.Exit(master.Worker(), 2).Exit().NextStart!.Value;

        Assert.That(master.Advance(delay - TimeSpan.FromTicks(1)), Is.Empty);
        Assert.That(master.Advance(TimeSpan.FromTicks(1)).StartedIds(), Is.EqualTo(new[] { 0 }));
    }

    [TestCase(10.0, 0.0, 0.0, Description = "stable: counts as the first crash")]
    [TestCase(9.999, 1.5, 2.5, Description = "not stable: the third in a row")]
    public void StableAfter_resets_the_count_of_consecutive_crashes(double readySeconds, double min, double max)
    {
        var master = new Master(Steady).StartAndSettle();
        for (var i = 0; i < 2; i++)
        {
            master.Exit(master.Worker(), 2);
            master.Recover();
        }

        master.Advance(Seconds(readySeconds));

        Assert.That(master.Exit(master.Worker(), 2).Exit().NextStart, Is.InRange(Seconds(min), Seconds(max)));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void StableAfter_resets_the_count_also_if_the_stable_worker_did_not_crash(bool isReplaced)
    {
        var master = new Master(Steady).StartAndSettle();
        for (var i = 0; i < 3; i++)
        {
            master.Exit(master.Worker(), 2);
            master.Recover();
        }

        master.Advance(Seconds(10));
        if (isReplaced)
        {
            master.AskForReplacement(master.Worker());
        }
        else
        {
            master.Leaving(master.Worker(), WorkerExitReason.Terminated);
            master.Exit(master.Worker(), 0);
        }

        master.Settle();

        Assert.That(master.Exit(master.Worker(), 2).Exit().NextStart, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void StableAfter_is_measured_from_ready_and_not_from_the_start()
    {
        var master = new Master(Steady);
        master.Start();
        master.Hello(master.Worker());
        master.Advance(Seconds(20));
        master.Ready(master.Worker());
        master.Exit(master.Worker(), 2);
        master.Settle();

        Assert.That(master.Exit(master.Worker(), 2).Exit().NextStart, Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public void StableAfter_includes_the_time_in_which_the_worker_is_idle()
    {
        var master = new Master(Steady).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.Advance(Seconds(6));
        master.Idle(master.Worker());
        master.Advance(Seconds(4));

        Assert.That(master.Exit(master.Worker(), 2).Exit().NextStart, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_process_that_exits_before_its_hello_is_restarted_after_a_back_off()
    {
        var master = new Master(Steady);
        master.Start();

        Assert.That(master.Exit(master.Worker(), 134).Exit().NextStart, Is.InRange(Seconds(0.75), Seconds(1.25)));
    }

    [Test]
    public void Back_off_of_one_slot_does_not_delay_the_others()
    {
        var master = new Master(Steady with { Workers = 2 }, Sender).StartAndSettle();
        master.Exit(master.Worker(0), 2);
        master.Exit(master.Worker(0), 2);

        Assert.That(master.Exit(master.Worker(1), 2).StartedIds(), Is.EqualTo(new[] { 1 }));
        Assert.That(master.Exit(master.Worker(0, service: 1), 2).StartedIds(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void Slots_that_crashed_together_do_not_start_together()
    {
        var master = new Master(Steady with { Workers = 20 });
        master.Start();

        var delays = master.State.Processes.Values.ToList().ConvertAll(p => master.Exit(p, 2).Exit().NextStart);

        Assert.That(delays.Distinct().Count(), Is.EqualTo(20));
    }

    [Test]
    public void External_SIGTERM_does_not_count_as_a_failure_and_the_slot_is_refilled_at_once()
    {
        var master = new Master(Steady).StartAndSettle();
        for (var i = 0; i < 5; i++)
        {
            master.Leaving(master.Worker(), WorkerExitReason.Terminated);
            var exit = master.Exit(master.Worker(), 0).Exit();
            master.Settle();

            Assert.That(exit.Reason, Is.EqualTo(WorkerExitReason.Terminated));
            Assert.That(exit.NextStart, Is.EqualTo(TimeSpan.Zero));
        }

        Assert.That(master.Slot(0).Failures.Restarts, Is.Zero);
        Assert.That(master.Worker().Incarnation, Is.EqualTo(6));
    }

    [Test]
    public void An_unrequested_exit_with_code_0_counts_as_a_failure()
    {
        var master = new Master(Steady).StartAndSettle();
        master.Exit(master.Worker(), 0);
        master.Settle();

        var exit = master.Exit(master.Worker(), 0).Exit();

        Assert.That(exit.Reason, Is.EqualTo(WorkerExitReason.Exited));
        Assert.That(exit.NextStart, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(master.Slot(0).Failures.Restarts, Is.EqualTo(2));
    }

    [Test]
    public void An_exit_record_contains_all_known_facts()
    {
        var master = new Master(Steady);
        master.Start();
        master.Started(master.Worker());
        master.Hello(master.Worker());
        master.Ready(master.Worker());
        master.Leaving(master.Worker(), WorkerExitReason.Faulted, "System.Exception: broken");
        master.Advance(Seconds(5));

        var exit = master
            .Send(new SupervisorMessage.WorkerExited(1, ExitStatus.Exited(2), ["last line"]))
            .OfType<RecordExit>().Single().Exit;

        Assert.That(exit, Is.EqualTo(new WorkerExit
        {
            Service = "Poller",
            WorkerId = 0,
            Incarnation = 1,
            ProcessId = 1001,
            Reason = WorkerExitReason.Faulted,
            ExitCode = 2,
            Uptime = Seconds(5),
            Message = "System.Exception: broken",
            StandardErrorTail = exit.StandardErrorTail,
            NextStart = TimeSpan.Zero,
        }));
        Assert.That(exit.StandardErrorTail, Is.EqualTo(new[] { "last line" }));
        Assert.That(master.Slot(0).LastExit, Is.SameAs(exit));
    }
}
