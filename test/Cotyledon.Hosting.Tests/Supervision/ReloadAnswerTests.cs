using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A reload is answered once in every state of its workers; a worker that keeps the old configuration is reported.</summary>
internal sealed class ReloadAnswerTests
{
    private static readonly string[] States =
    [
        "starting", "assigned", "ready", "idle", "requested its replacement", "successor starts", "successor waits", "successor fails",
        "old worker stops for its successor", "successor is assigned", "stops on its own", "killed", "backing off", "given up",
        "queued for its start", "reloaded before",
    ];

    [Test, Combinatorial]
    public void Reload_is_answered_once_in_every_worker_state_and_reports_each_worker_that_keeps_the_old_configuration(
        [ValueSource(nameof(States))] string state, [Values("Auto", "Restart", "RestartAsync")] string how)
    {
        var master = In(state);
        var lastBefore = master.State.LastSpawn;
        master.AllCommands.Clear();

        _ = how == "RestartAsync" ? master.Restart(request: 2) : master.Reload(request: 2, Enum.Parse<ReloadMethod>(how));
        master.SettleAndWait();

        Assert.That(master.AllCommands.OfType<CompleteReload>().Select(c => c.Request), Is.EqualTo(new[] { 2 }));
        var reloaded = master.AllCommands.OfType<ReloadWorker>().Select(c => c.Spawn).ToList();
        var old = master.State.Processes.Values.Where(p => p.Slot.Service == master.Service && p.Spawn <= lastBefore).Select(p => p.Spawn);
        Assert.That(old.Except(reloaded).Count(), Is.EqualTo(Failures(master)));
        Assert.That(master.Service.Ready, Is.EqualTo(2));
    }

    [Test, Combinatorial]
    public void Stop_during_a_reload_answers_it_once_in_every_worker_state(
        [ValueSource(nameof(States))] string state, [Values("Auto", "Restart", "RestartAsync")] string how, [Values] bool isFast)
    {
        var master = In(state);
        master.AllCommands.Clear();
        _ = how == "RestartAsync" ? master.Restart(request: 2) : master.Reload(request: 2, Enum.Parse<ReloadMethod>(how));

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
    public void Reload_retries_a_slot_that_is_down_at_once(string state)
    {
        var master = In(state);

        Assert.That(master.Reload(request: 2).StartedIds(), Does.Contain(0));
        Assert.That((master.Slot(0).IsGivenUp, master.Slot(0).Failures.InRow), Is.EqualTo((false, 0)));
    }

    [TestCase("backing off")]
    [TestCase("given up")]
    public void Restart_of_another_service_does_not_retry_a_slot_that_is_down(string state)
    {
        var master = In(state);

        master.Restart(request: 2, service: 1);

        Assert.That(master.Slot(0).Process, Is.Null);
    }

    [Test]
    public void A_stopping_worker_is_not_part_of_the_reload()
    {
        var master = In("stops on its own");
        master.Reload(request: 2);
        master.Reloaded(master.Worker(0, service: 1));

        Assert.That(master.Reloaded(master.Worker(1)).Outcome()!.Reloaded, Is.EqualTo(1));
    }

    [Test]
    public void A_reload_reply_after_the_timeout_has_no_effect()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        var old = master.Worker();
        master.Reload();
        master.Advance(Seconds(5));

        Assert.That(master.Reloaded(old), Is.Empty);
        Assert.That(master.Hello(master.Successor()).StoppedSpawns(), Is.EqualTo(new[] { old.Spawn }));
    }

    [Test]
    public void Without_a_graceful_timeout_a_reload_has_no_deadline()
    {
        var master = new Master(Poller with { GracefulTimeout = Timeout.InfiniteTimeSpan }).StartAndSettle();
        master.Reload();

        Assert.That(master.Advance(TimeSpan.FromDays(365)), Is.Empty);
        Assert.That(master.Reloaded(master.Worker()).Outcome()!.Reloaded, Is.EqualTo(1));
    }

    [Test]
    public void A_reload_reply_clears_the_deadline()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Reload();
        master.Reloaded(master.Worker());

        Assert.That(master.State.NextDeadline, Is.Null);
        Assert.That(master.Advance(Seconds(5)), Is.Empty);
    }

    [Test]
    public void A_new_incarnation_that_requests_replacement_before_it_is_ready_does_not_fail_the_restart()
    {
        var master = new Master(Poller).StartAndSettle();
        var old = master.Worker();
        master.Reload(method: ReloadMethod.Restart);
        master.Hello(master.Successor());
        master.Exit(old, 0);
        var unready = master.Worker();
        master.AskForReplacement(unready);
        master.Hello(master.Successor());
        master.Exit(unready, 0);
        master.SettleAndWait();

        var outcome = master.AllCommands.Outcome()!;
        Assert.That((outcome.Replaced, outcome.Failures), Is.EqualTo((1, Array.Empty<string>())));
    }

    [Test]
    public void Reload_of_several_services_has_one_answer_with_counts_per_service()
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

    /// <summary>Creates a service with two workers, the first one in this state, and a second service.</summary>
    private static Master In(string state)
    {
        var starts = state == "queued for its start" ? 1 : 100;
        var master = new Master(
            Defaults with { MaxConcurrentStarts = starts },
            Poller with { Workers = 2, MaxRestarts = state == "given up" ? 1 : null, GracefulTimeout = Seconds(10) },
            Sender).StartAndSettle();
        var worker = master.Worker();
        switch (state)
        {
            case "starting" or "assigned" or "queued for its start":
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
            case "requested its replacement":
                master.AskForReplacement(master.Worker(1));
                master.AskForReplacement(worker);
                break;
            case "stops on its own":
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
            case "reloaded before":
                master.Reload(request: 1);
                master.Reloaded(worker);
                master.Reloaded(master.Worker(1));
                master.Reloaded(master.Worker(0, service: 1));
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
            case "old worker stops for its successor":
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
