using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The second Ctrl+C: all workers are killed, and processes that do not exit are left behind.</summary>
internal sealed class FastStopTests
{
    private static readonly ExitStatus Sigkill = ExitStatus.Signaled(9);

    [TestCase("running")]
    [TestCase("terminating")]
    [TestCase("stopping")]
    public void Fast_stop_kills_all_workers_in_every_phase_with_exit_code_1(string phase)
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        Reach(master, phase);

        Assert.That(master.FastStop().InWords(), Is.EqualTo("kill, Killed, kill, Killed"));
        Assert.That(master.Exit(master.Worker(0), Sigkill).InWords(), Is.EqualTo("exit FastStop"));
        Assert.That(master.Exit(master.Worker(1), Sigkill).InWords(), Is.EqualTo("exit FastStop, finish 1"));
        Assert.That(master.Commands.End(), Is.EqualTo(new Finish(1, Fast: true)));
    }

    [Test]
    public void Fast_stop_before_the_start_finishes_at_once()
    {
        Assert.That(new Master(Poller).FastStop().End(), Is.EqualTo(new Finish(1, Fast: true)));
    }

    [Test]
    public void Processes_without_a_hello_are_killed_too()
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 2 }, Poller with { Workers = 3 });
        master.Start();

        Assert.That(master.FastStop().KilledSpawns(), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void A_second_fast_stop_changes_nothing()
    {
        var master = new Master(Poller).StartAndSettle();
        master.FastStop();

        Assert.That(master.FastStop(), Is.Empty);
        Assert.That(master.Stop(7), Is.Empty);
        Assert.That(master.Exit(master.Worker(), Sigkill).End()!.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void The_exit_record_keeps_the_message_reported_before_the_fast_stop()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Leaving(master.Worker(), WorkerExitReason.Faulted, "broken");
        master.FastStop();

        var exit = master.Exit(master.Worker(), Sigkill).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((WorkerExitReason.FastStop, "broken")));
    }

    [TestCase("running")]
    [TestCase("terminating")]
    [TestCase("stopping")]
    public void Processes_that_cannot_be_killed_are_left_behind_after_the_fast_reap_timeout(string phase)
    {
        var master = new Master(Poller).StartAndSettle();
        Reach(master, phase);
        master.FastStop();

        Assert.That(master.Advance(Defaults.FastReapTimeout - TimeSpan.FromTicks(1)), Is.Empty);
        Assert.That(master.Advance(TimeSpan.FromTicks(1)).End(), Is.EqualTo(new Finish(1, Fast: true)));
    }

    [Test]
    public void A_process_that_survived_the_kill_of_a_graceful_stop_does_not_delay_a_fast_stop()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        Reach(master, "stopping");
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);
        master.FastStop();

        Assert.That(master.Advance(Defaults.FastReapTimeout).End(), Is.EqualTo(new Finish(1, Fast: true)));
    }

    [Test]
    public void A_process_that_survived_a_kill_before_the_stop_does_not_delay_a_fast_stop()
    {
        var master = new Master(Poller);
        master.Start();
        master.Advance(Poller.ReadyTimeout);
        master.FastStop();

        Assert.That(master.Advance(Defaults.FastReapTimeout).End(), Is.EqualTo(new Finish(1, Fast: true)));
    }

    private static void Reach(Master master, string phase)
    {
        if (phase != "running")
        {
            master.Stop();
        }

        if (phase == "stopping")
        {
            master.HooksCompleted();
        }
    }
}
