using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A reload is answered once, whatever its workers are doing, and none of them keeps what it had before.</summary>
internal sealed class ReloadAnswerTests
{
    private static readonly string[] States =
    [
        "starting", "assigned", "ready", "idle", "asked to be replaced", "successor starts", "successor waits", "successor fails",
        "old one leaves for its successor", "successor is assigned", "leaves by itself", "killed", "backing off", "given up",
        "waits for a place", "updated in the middle of a reload",
    ];

    [Test, Combinatorial]
    public void Whatever_a_worker_does_the_reload_is_answered_once_and_it_has_the_new_configuration_or_the_answer_says_not(
        [ValueSource(nameof(States))] string state, [Values(ReloadMethod.Auto, ReloadMethod.Restart)] ReloadMethod method)
    {
        var master = In(state);
        var lastBefore = master.State.LastSpawn;
        master.AllCommands.Clear();

        master.Reload(request: 2, service: 0, method: method);
        master.SettleAndWait();

        Assert.That(master.AllCommands.OfType<CompleteReload>().Select(c => c.Request), Is.EqualTo(new[] { 2 }));
        var reloaded = master.AllCommands.OfType<ReloadWorker>().Select(c => c.Spawn).ToList();
        var old = master.State.Processes.Values.Where(p => p.Slot.Service == master.Service && p.Spawn <= lastBefore).Select(p => p.Spawn);
        Assert.That(old.Except(reloaded).Count(), Is.EqualTo(Failures(master)));
        Assert.That(master.Service.Ready, Is.EqualTo(2));
    }

    [Test, Combinatorial]
    public void Whatever_a_worker_does_a_stop_in_the_middle_of_a_reload_answers_it_once(
        [ValueSource(nameof(States))] string state,
        [Values(ReloadMethod.Auto, ReloadMethod.Restart)] ReloadMethod method,
        [Values] bool isFast)
    {
        var master = In(state);
        master.AllCommands.Clear();
        master.Reload(request: 2, method: method);

        _ = isFast ? master.FastStop() : master.Stop();
        master.HooksCompleted();
        master.Reload(request: 3);

        Assert.That(master.AllCommands.OfType<CompleteReload>().Select(c => c.Request), Is.EquivalentTo(new[] { 2, 3 }));
        master.Settle();
        Assert.That(master.State.HasStopped);
        Assert.That(master.AllCommands.OfType<CompleteReload>().Count(), Is.EqualTo(2));
    }

    [TestCase("backing off")]
    [TestCase("given up")]
    public void A_slot_that_is_down_is_tried_again_at_once(string state)
    {
        var master = In(state);

        Assert.That(master.Reload(request: 2).StartedIds(), Does.Contain(0));
        Assert.That((master.Slot(0).IsGivenUp, master.Slot(0).FailuresInRow), Is.EqualTo((false, 0)));
    }

    [TestCase("backing off")]
    [TestCase("given up")]
    public void A_slot_that_is_down_in_a_service_that_was_not_named_stays_down(string state)
    {
        var master = In(state);

        Assert.That(master.Reload(request: 2, service: 1).StartedIds(), Is.Empty);
    }

    [Test]
    public void A_worker_that_leaves_is_no_part_of_the_reload()
    {
        var master = In("leaves by itself");
        master.Reload(request: 2, service: 0);

        Assert.That(master.Reloaded(master.Worker(1)).Outcome()!.Reloaded, Is.EqualTo(1));
    }

    [Test]
    public void An_answer_that_comes_after_the_reload_timeout_changes_nothing()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        var old = master.Worker();
        master.Reload();
        master.Advance(Seconds(5));

        Assert.That(master.Reloaded(old), Is.Empty);
        Assert.That(master.Hello(master.Successor()).StoppedSpawns(), Is.EqualTo(new[] { old.Spawn }));
    }

    [Test]
    public void With_no_graceful_timeout_a_reload_may_take_for_ever()
    {
        var master = new Master(Poller with { GracefulTimeout = Timeout.InfiniteTimeSpan }).StartAndSettle();
        master.Reload();

        Assert.That(master.Advance(TimeSpan.FromDays(365)), Is.Empty);
        Assert.That(master.Reloaded(master.Worker()).Outcome()!.Reloaded, Is.EqualTo(1));
    }

    [Test]
    public void A_worker_that_answers_has_no_deadline_any_more()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Reload();
        master.Reloaded(master.Worker());

        Assert.That(master.State.NextDeadline, Is.Null);
        Assert.That(master.Advance(Seconds(5)), Is.Empty);
    }

    [Test]
    public void A_new_incarnation_that_asks_to_be_replaced_before_it_is_ready_is_no_failure()
    {
        var master = new Master(Poller).StartAndSettle();
        var old = master.Worker();
        master.Reload(method: ReloadMethod.Restart);
        master.Hello(master.Successor());
        master.Exit(old, 0);
        var impatient = master.Worker();
        master.AskForReplacement(impatient);
        master.Hello(master.Successor());
        master.Exit(impatient, 0);
        master.SettleAndWait();

        var outcome = master.AllCommands.Outcome()!;
        Assert.That((outcome.Replaced, outcome.Failures), Is.EqualTo((1, Array.Empty<string>())));
    }

    [Test]
    public void Several_services_are_answered_together_each_with_its_numbers()
    {
        var master = new Master(
            Poller with { Workers = 3, ReloadMethod = ReloadMethod.Restart }, Sender with { Workers = 2 },
            new ServiceSettings { Name = "Silent", ReloadMethod = ReloadMethod.None }).StartAndSettle();
        master.Reload();
        master.Reloaded(master.Worker(1, service: 1));
        master.SettleAndWait();

        var services = master.AllCommands.OfType<CompleteReload>().Single().Services;
        Assert.That(
            services.Select(s => (s.Service, s.Reloaded, s.Replaced, s.Failures.Count)),
            Is.EqualTo(new[] { ("Poller", 0, 3, 0), ("Sender", 2, 0, 0) }));
    }

    /// <summary>Two workers, of which the first is in this state; and a service beside them.</summary>
    private static Master In(string state)
    {
        var starts = state == "waits for a place" ? 1 : 100;
        var master = new Master(
            Defaults with { MaxConcurrentStarts = starts },
            Poller with { Workers = 2, MaxRestarts = state == "given up" ? 1 : null, GracefulTimeout = Seconds(10) },
            Sender).StartAndSettle();
        var worker = master.Worker();
        switch (state)
        {
            case "starting" or "assigned" or "waits for a place":
                master.Exit(worker, 2);
                master.Exit(master.Worker(1), 2);
                if (state == "assigned")
                {
                    master.Hello(master.Worker());
                    master.Hello(master.Worker(1));
                }

                break;
            case "idle":
                master.Idle(worker);
                break;
            case "asked to be replaced":
                master.AskForReplacement(master.Worker(1));
                master.AskForReplacement(worker);
                break;
            case "leaves by itself":
                master.Leaving(worker, WorkerExitReason.Faulted);
                break;
            case "killed":
                master.Leaving(worker, WorkerExitReason.Faulted);
                master.AdvanceToNextDeadline();
                break;
            case "backing off" or "given up":
                master.Exit(worker, 2);
                master.Settle();
                master.Exit(master.Worker(), 2);
                break;
            case "updated in the middle of a reload":
                master.Reload(request: 1, service: 0);
                master.Reloaded(worker);
                master.Reloaded(master.Worker(1));
                break;
            case not "ready":
                WithSuccessor(master, state);
                break;
        }

        return master;
    }

    private static void WithSuccessor(Master master, string state)
    {
        var old = master.Worker();
        master.AskForReplacement(old);
        switch (state)
        {
            case "successor waits":
                master.Exit(master.Worker(1), 2);
                master.Hello(master.Successor());
                break;
            case "successor fails":
                master.BreakProtocol(master.Successor(), "version 2");
                break;
            case "old one leaves for its successor":
                master.Hello(master.Successor());
                break;
            case "successor is assigned":
                master.Hello(master.Successor());
                master.Exit(old, 0);
                break;
        }
    }

    private static int Failures(Master master) =>
        master.AllCommands.OfType<CompleteReload>().Single().Services.Where(s => s.Service == "Poller").Sum(s => s.Failures.Count);
}
