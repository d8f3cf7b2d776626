using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class StartTests
{
    [Test]
    public void Every_service_starts_its_workers_from_the_lowest_id()
    {
        var master = new Master(Poller with { Workers = 3 }, Sender with { Workers = 1 });

        master.Start();

        Assert.That(master.Commands, Is.EqualTo(new SupervisorCommand[]
        {
            new StartWorker(1, "Poller", 0, StartSettings.Inherited),
            new StartWorker(2, "Poller", 1, StartSettings.Inherited),
            new StartWorker(3, "Poller", 2, StartSettings.Inherited),
            new StartWorker(4, "Sender", 0, StartSettings.Inherited),
        }));
    }

    [Test]
    public void A_second_start_changes_nothing()
    {
        var master = new Master(Poller);
        master.Start();

        Assert.That(master.Start(), Is.Empty);
    }

    [Test]
    public void Nothing_is_started_before_the_supervisor_starts()
    {
        var master = new Master(Poller);

        master.Advance(Seconds(100));

        Assert.That(master.Commands, Is.Empty);
    }

    [Test]
    public void A_process_receives_all_data_of_its_slot_after_its_hello()
    {
        var master = new Master(Poller with
        {
            Workers = 2,
            GracefulTimeout = Seconds(7),
            LivenessTimeout = Seconds(5),
            WaitForMarkReady = true,
        });
        master.Start();

        master.Hello(master.Worker(1));

        Assert.That(master.Commands[0], Is.EqualTo(new AssignWorker(2, new WorkerAssignment(
            "Poller",
            WorkerId: 1,
            WorkerCount: 2,
            Incarnation: 1,
            Seconds(7),
            Seconds(5),
            Defaults.HookTimeout,
            WaitForMarkReady: true))));
    }

    [Test]
    public void The_started_event_contains_the_process_id()
    {
        var master = new Master(Poller);
        master.Start();

        master.Started(master.Worker());

        Assert.That(master.Commands, Is.EqualTo(new[]
        {
            new Publish(WorkerEventKind.Started, new WorkerIdentity("Poller", 0, 0, 1001)),
        }));
    }

    [Test]
    public void Ready_is_announced_once_when_the_last_worker_of_all_services_is_ready()
    {
        var master = new Master(Poller with { Workers = 2 }, Sender);
        master.Start();
        foreach (var process in master.State.Processes.Values)
        {
            master.Hello(process);
        }

        Assert.That(master.Ready(master.Worker(0)).InWords(), Is.EqualTo("Ready"));
        Assert.That(master.Ready(master.Worker(0, service: 1)).InWords(), Is.EqualTo("Ready"));
        Assert.That(master.Idle(master.Worker(1)).InWords(), Is.EqualTo("Idle, announce"));
        master.Exit(master.Worker(0), 0);
        master.Settle();
        Assert.That(master.Commands.OfType<AnnounceReady>(), Is.Empty);
    }

    [Test]
    public void A_program_without_workers_is_ready_at_once()
    {
        var master = new Master(Poller with { Workers = 0 });

        Assert.That(master.Start().InWords(), Is.EqualTo("announce"));
    }

    [Test]
    public void No_more_processes_start_at_the_same_time_than_allowed()
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 2 }, Poller with { Workers = 4 }, Sender);

        Assert.That(master.Start().StartedIds(), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(master.Slot(2).State, Is.EqualTo(WorkerState.Pending));
        Assert.That(master.Started(master.Worker(0)).StartedIds(), Is.Empty, "only a hello allows the next start");
        Assert.That(master.Hello(master.Worker(1)).StartedIds(), Is.EqualTo(new[] { 2 }));
        Assert.That(master.Hello(master.Worker(2)).StartedIds(), Is.EqualTo(new[] { 3 }));
        Assert.That(master.Hello(master.Worker(3)).OfType<StartWorker>().Single().Service, Is.EqualTo("Sender"));
    }

    [TestCase("exit")]
    [TestCase("start failure")]
    [TestCase("kill")]
    public void A_process_that_ends_before_its_hello_allows_the_next_start(string end)
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 1 }, Poller with { Workers = 2 });
        master.Start();
        var first = master.Worker(0);

        var commands = end switch
        {
            "exit" => master.Exit(first, 1),
            "start failure" => master.StartFailed(first),
            _ => master.BreakProtocol(first, "another version"),
        };

        Assert.That(commands.StartedIds(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_queued_slot_outside_the_target_is_skipped()
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 1 }, Poller with { Workers = 3 }, Sender);
        master.Start();
        master.Scale(1);

        master.Hello(master.Worker(0));

        Assert.That(master.Commands.OfType<StartWorker>().Single().Service, Is.EqualTo("Sender"));
    }

    [Test]
    public void A_slot_that_stays_queued_during_two_resizes_is_started_once()
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 1 }, Poller with { Workers = 3 });
        master.Start();
        master.Scale(1);
        master.Scale(3);

        master.Settle();

        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(master.State.LastSpawn, Is.EqualTo(3));
    }

    [Test]
    public void A_failed_start_is_recorded_and_retried_after_the_first_back_off()
    {
        var master = new Master(Poller with { Backoff = new Backoff(Seconds(4), Seconds(60)) });
        master.Start();

        var exit = master.StartFailed(master.Worker(), "too many open files").Exit();

        Assert.That(exit, Is.EqualTo(new WorkerExit
        {
            Service = "Poller",
            WorkerId = 0,
            Reason = WorkerExitReason.StartFailed,
            Message = "too many open files",
            StandardErrorTail = exit.StandardErrorTail,
            NextStart = exit.NextStart,
        }));
        Assert.That(exit.NextStart, Is.InRange(Seconds(3), Seconds(5)));
        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.BackingOff));
        Assert.That(master.AdvanceToNextDeadline().StartedIds(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void A_process_of_another_version_is_killed_and_the_reason_recorded()
    {
        var master = new Master(Poller);
        master.Start();
        var process = master.Worker();

        master.BreakProtocol(process, "It uses protocol version 2.");
        var exit = master.Exit(process, ExitStatus.Signaled(9)).Exit();

        Assert.That(exit.Reason, Is.EqualTo(WorkerExitReason.ProtocolMismatch));
        Assert.That(exit.Message, Is.EqualTo("It uses protocol version 2."));
        Assert.That(exit.NextStart, Is.GreaterThan(TimeSpan.Zero));
    }
}
