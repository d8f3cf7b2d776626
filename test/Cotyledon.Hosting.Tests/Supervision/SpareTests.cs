using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Spare workers: processes without a worker id.</summary>
internal sealed class SpareTests
{
    private static readonly SupervisorSettings OneSpare = Defaults with { SpareWorkers = 1 };

    [Test]
    public void Spare_workers_are_started_one_after_the_other_when_no_other_process_is_starting()
    {
        var master = new Master(Defaults with { SpareWorkers = 2 }, Poller with { Workers = 2 });
        Assert.That(Services(master.Start()), Is.EqualTo(new[] { "Poller", "Poller" }));

        master.Hello(master.Worker(0));
        Assert.That(Services(master.Hello(master.Worker(1))), Is.EqualTo(new[] { "(spare)" }));
        Assert.That(Services(master.Hello(Spare(master))), Is.EqualTo(new[] { "(spare)" }));
        Assert.That(Services(master.Hello(Spare(master, 1))), Is.Empty);
    }

    [Test]
    public void A_spare_worker_has_no_deadline_and_is_not_part_of_any_service()
    {
        var master = new Master(OneSpare, Poller).StartAndSettle();

        Assert.That(master.State.NextDeadline, Is.Null);
        var status = StatusReport.Of(master.State, master.Now, DateTimeOffset.UnixEpoch).Single();
        Assert.That((status.Name, status.Target, status.Workers.Count), Is.EqualTo(("Poller", 1, 1)));
    }

    [Test]
    public void A_crashed_slot_gets_the_spare_worker_at_once_and_another_one_is_started()
    {
        var master = new Master(OneSpare, Poller).StartAndSettle();
        var spare = Spare(master);

        master.Exit(master.Worker(), ExitStatus.Signaled(9));

        Assert.That(master.Worker(), Is.SameAs(spare));
        Assert.That(master.Commands.InWords(), Is.EqualTo("exit Signaled, assign, Assigned"));
        Assert.That(master.Commands.OfType<AssignWorker>().Single().Assignment.Incarnation, Is.EqualTo(2));
        Assert.That(Services(master.Advance(Seconds(0.1))), Is.EqualTo(new[] { "(spare)" }));
    }

    [Test]
    public void A_starting_spare_worker_is_used_instead_of_a_second_process()
    {
        var master = new Master(OneSpare, Poller).StartAndSettle();
        master.Exit(master.Worker(), ExitStatus.Signaled(9));
        master.Ready(master.Worker());
        master.Advance(Seconds(0.1));
        var spare = Spare(master);
        master.Advance(Poller.StableAfter);

        master.Exit(master.Worker(), ExitStatus.Signaled(9));
        Assert.That(Services(master.Commands), Is.Empty);
        Assert.That(master.Worker(), Is.SameAs(spare));

        Assert.That(master.Hello(spare).InWords(), Is.EqualTo("assign, Assigned"));
        Assert.That(Services(master.Advance(Seconds(0.1))), Is.EqualTo(new[] { "(spare)" }));
    }

    [Test]
    public void A_new_slot_gets_the_spare_worker_and_the_others_are_started()
    {
        var master = new Master(OneSpare, Poller).StartAndSettle();
        var spare = Spare(master);

        master.Scale(3);

        Assert.That(master.Worker(1), Is.SameAs(spare));
        Assert.That(Services(master.Commands), Is.EqualTo(new[] { "Poller" }));
    }

    /// <summary>A reload of a single process does not replace the spare workers.</summary>
    [TestCase(ReloadMethod.Restart)]
    [TestCase(ReloadMethod.Auto)]
    public void A_reload_completed_by_a_spare_worker_is_answered(ReloadMethod method)
    {
        var master = new Master(OneSpare, Poller with { ReloadMethod = method }).StartAndSettle();
        var spare = Spare(master);
        master.Send(new SupervisorMessage.ReloadRequested(1, new ReloadAction.ReloadProcess(1)));
        master.Exit(master.Worker(), method == ReloadMethod.Restart ? ExitStatus.Exited(0) : ExitStatus.Signaled(9));
        Assert.That(master.Worker(), Is.SameAs(spare));

        Assert.That(master.Ready(spare).Outcome()!.Replaced, Is.EqualTo(1));
    }

    [Test]
    public void A_planned_replacement_uses_the_spare_worker_at_once()
    {
        var master = new Master(OneSpare, Poller).StartAndSettle();
        var spare = Spare(master);

        Assert.That(master.AskForReplacement(master.Worker()).InWords(), Is.EqualTo("stop, Stopping"));
        master.Exit(master.Worker(), 0);

        Assert.That(master.Worker(), Is.SameAs(spare));
    }

    [Test]
    public void A_service_with_its_own_start_settings_uses_no_spare_worker()
    {
        var own = new StartSettings(new Dictionary<string, string?> { ["A"] = "1" }, null);
        var master = new Master(OneSpare, Poller with { Start = own }).StartAndSettle();
        var spare = Spare(master);

        master.Exit(master.Worker(), ExitStatus.Signaled(9));

        Assert.That(Services(master.Commands), Is.EqualTo(new[] { "Poller" }));
        Assert.That(Spare(master), Is.SameAs(spare));
    }

    [Test]
    public void A_reload_replaces_the_spare_worker_because_it_has_the_old_configuration()
    {
        var master = new Master(OneSpare, Poller).StartAndSettle();
        var old = Spare(master);

        Assert.That(master.Reload().StoppedSpawns(), Is.EqualTo(new[] { old.Spawn }));
        master.Exit(master.Worker(), ExitStatus.Signaled(9));
        Assert.That(Services(master.Commands), Is.EqualTo(new[] { "Poller" }), "not the old spare");
        master.Settle();

        Assert.That(Spare(master), Is.Not.SameAs(old));
        Assert.That(master.AllCommands.OfType<RecordExit>().Select(r => (r.Exit.Service, r.Exit.Reason)), Is.EqualTo(new[]
        {
            ("Poller", WorkerExitReason.Signaled), ("(spare)", WorkerExitReason.Replaced),
        }));
    }

    [Test]
    public void A_rolling_restart_uses_only_spare_workers_started_after_its_request()
    {
        var master = new Master(OneSpare, Poller with { Workers = 3 }).StartAndSettle();
        var lastSpawn = master.State.LastSpawn;
        master.Reload(method: ReloadMethod.Restart);
        master.Settle();

        Assert.That(master.State.Services[0].Slots.Select(s => s.Process!.Spawn), Has.All.GreaterThan(lastSpawn));
        Assert.That(master.AllCommands.OfType<CompleteReload>().Single().Services.Single().Replaced, Is.EqualTo(3));
    }

    [Test]
    public void A_spare_worker_that_exits_is_replaced_after_a_back_off()
    {
        var master = new Master(OneSpare, Poller).StartAndSettle();

        var exit = master.Exit(Spare(master), 134).Exit();

        Assert.That((exit.Service, exit.NextStart > TimeSpan.Zero), Is.EqualTo(("(spare)", true)));
        Assert.That(Services(master.AdvanceToNextDeadline()), Is.EqualTo(new[] { "(spare)" }));
    }

    [Test]
    public void A_spare_worker_without_a_hello_is_killed_at_the_longest_ready_timeout_of_all_services()
    {
        var master = new Master(OneSpare, Poller with { ReadyTimeout = Seconds(20) }, Sender with { ReadyTimeout = Seconds(90) });
        master.Start();
        master.Hello(master.Worker());
        master.Ready(master.Worker());
        master.Hello(master.Worker(service: 1));
        master.Ready(master.Worker(service: 1));

        Assert.That(master.Advance(Seconds(89)), Is.Empty);
        Assert.That(master.Advance(Seconds(1)).KilledSpawns(), Is.EqualTo(new[] { Spare(master).Spawn }));
        Assert.That(master.Commands.OfType<Publish>().Single().Detail, Does.StartWith("did not connect within 00:01:30"));
    }

    [Test]
    public void The_number_of_spare_workers_follows_the_settings()
    {
        var master = new Master(OneSpare, Poller).StartAndSettle();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults with { SpareWorkers = 3 }, [Poller]));
        master.Settle();
        Assert.That(master.State.Processes, Has.Count.EqualTo(4));

        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller]));
        master.Settle();
        Assert.That(master.State.Processes, Has.Count.EqualTo(1));
    }

    [Test]
    public void Spare_workers_are_asked_to_stop_when_the_program_stops()
    {
        var master = new Master(OneSpare, Poller).StartAndSettle();
        master.Stop();

        Assert.That(master.HooksCompleted().StoppedSpawns(), Does.Contain(Spare(master).Spawn));
        master.Settle();
        Assert.That(master.Commands.End()?.ExitCode, Is.Zero);
    }

    private static ProcessState Spare(Master master, int number = 0) =>
        master.State.Spares.Slots[number].Process ?? throw new AssertionException($"There is no spare {number}.");

    private static IEnumerable<string> Services(IEnumerable<SupervisorCommand> commands) =>
        commands.OfType<StartWorker>().Select(s => s.Service);
}
