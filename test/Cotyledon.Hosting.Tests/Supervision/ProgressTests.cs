using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The progress that a reload or restart reports while it runs.</summary>
internal sealed class ProgressTests
{
    [Test]
    public void Restart_reports_each_replaced_worker_with_its_incarnations_and_its_own_time()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Restart(request: 7);
        Assert.That(master.State.Operation!.Total, Is.EqualTo(2));

        master.Hello(master.Successor());
        master.Exit(master.Worker(), 0);
        master.Advance(Seconds(1));
        master.Hello(master.Successor(1));
        master.Advance(Seconds(2));
        master.Ready(master.Worker());
        master.Exit(master.Worker(1), 0);
        master.Advance(Seconds(4));
        master.Ready(master.Worker(1));

        Assert.That(Counts(master.AllCommands), Is.EqualTo(new[] { (7, 2, 1), (7, 2, 2) }));
        Assert.That(Steps(master.AllCommands), Is.EqualTo(new[]
        {
            Step(0, OperationStepKind.Replaced, 1, 2, Seconds(3)), Step(1, OperationStepKind.Replaced, 1, 2, Seconds(1 + 4)),
        }));
    }

    [Test]
    public void Time_in_which_a_spare_was_idle_does_not_count()
    {
        var master = new Master(Defaults with { SpareWorkers = 1 }, Poller with { ReloadMethod = ReloadMethod.Restart }).StartAndSettle();
        master.Advance(Seconds(1000));
        master.Send(new SupervisorMessage.ReloadRequested(1, new ReloadAction.ReloadProcess(master.Worker().Spawn)));
        Assert.That(master.Successor().TakenAt, Is.EqualTo(master.Now));
        master.Settle();

        Assert.That(Steps(master.AllCommands).Single().Duration, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Time_in_which_a_successor_waited_before_the_reload_does_not_count()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.AskForReplacement(master.Worker(0));
        master.Hello(master.Successor(0));
        master.Advance(Seconds(20));
        master.Reload();
        master.Advance(Seconds(3));
        master.Hello(master.Worker(1));
        Assert.That(master.Ready(master.Worker(1)).StoppedSpawns(), Is.EqualTo(new[] { 1 }), "the successor does not wait any more");
        master.Settle();

        Assert.That(Steps(master.AllCommands).Select(s => s.Duration), Is.All.GreaterThanOrEqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Reload_in_place_reports_each_worker()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Reload();
        master.Advance(Seconds(1));
        master.Reloaded(master.Worker(1));
        master.Reloaded(master.Worker());

        Assert.That(Steps(master.AllCommands), Is.EqualTo(new[]
        {
            Step(1, OperationStepKind.Reloaded, 1, 1, Seconds(1)), Step(0, OperationStepKind.Reloaded, 1, 1, Seconds(1)),
        }));
    }

    [Test]
    public void Aborted_restart_reports_the_failed_worker_and_those_that_are_left()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Restart();
        master.Advance(Seconds(2));
        master.Exit(master.Successor(), 2);

        var failures = master.AllCommands.Outcome()!.Failures;
        Assert.That(Steps(master.AllCommands), Is.EqualTo(new[]
        {
            Step(0, OperationStepKind.Failed, 1, null, Seconds(2)) with { Failure = failures[0] },
            Step(1, OperationStepKind.Failed, 1, null, TimeSpan.Zero) with { Failure = failures[1] },
        }));
        Assert.That(Counts(master.AllCommands)[^1], Is.EqualTo((1, 2, 2)));
    }

    [Test]
    public void Restart_of_a_worker_that_was_down_has_no_old_incarnation()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.Exit(master.Worker(), 2);
        master.Send(new SupervisorMessage.ReloadRequested(1, new ReloadAction.RestartWorker("Poller", 0)));
        master.Advance(Seconds(0.1));
        master.Settle();

        Assert.That(Steps(master.AllCommands), Is.EqualTo(new[] { Step(0, OperationStepKind.Replaced, null, 3, Seconds(0.1)) }));
    }

    [Test]
    public void Worker_that_leaves_the_target_is_done_without_a_step()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Reload();
        master.Scale(1);
        master.Reloaded(master.Worker());

        Assert.That(Counts(master.AllCommands), Is.EqualTo(new[] { (1, 2, 1), (1, 2, 2) }));
        Assert.That(Steps(master.AllCommands).Single().WorkerId, Is.Zero);
    }

    [Test]
    public void Reload_without_workers_reports_no_progress()
    {
        var master = new Master(Poller with { Workers = 0 }).StartAndSettle();

        Assert.That(Counts(master.Reload()), Is.Empty);
    }

    private static OperationStep Step(int workerId, OperationStepKind kind, long? old, long? current, TimeSpan duration) => new()
    {
        Service = "Poller",
        WorkerId = workerId,
        Kind = kind,
        OldIncarnation = old,
        NewIncarnation = current,
        Duration = duration,
    };

    private static List<(int Request, int Total, int Done)> Counts(IEnumerable<SupervisorCommand> commands) =>
        [.. commands.OfType<RecordProgress>().Select(p => (p.Request, p.Total, p.Done))];

    private static IEnumerable<OperationStep> Steps(IEnumerable<SupervisorCommand> commands) =>
        commands.OfType<RecordProgress>().Select(p => p.Step).OfType<OperationStep>();
}
