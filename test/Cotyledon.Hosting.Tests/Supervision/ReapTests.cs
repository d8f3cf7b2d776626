using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A process in an uninterruptible call of the kernel does not go, not even by SIGKILL.</summary>
internal sealed class ReapTests
{
    private static readonly Finish LeftBehind = new(1, Fast: false);

    [Test]
    public void A_process_that_does_not_go_by_SIGKILL_is_left_behind_after_the_reap_timeout()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5.25));

        Assert.That(master.Advance(Defaults.ReapTimeout - TimeSpan.FromTicks(1)), Is.Empty);
        Assert.That(master.Advance(TimeSpan.FromTicks(1)).End(), Is.EqualTo(LeftBehind));
    }

    [Test]
    public void The_others_have_their_whole_graceful_timeout_first()
    {
        var master = new Master(
            Poller with { GracefulTimeout = Seconds(5) }, Sender with { GracefulTimeout = Seconds(60) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5.25));

        Assert.That(master.Advance(Seconds(54.75)).End(), Is.Null);
        Assert.That(master.Advance(Seconds(0.25)).KilledSpawns(), Is.EqualTo(new[] { 2 }));
        Assert.That(master.Advance(Defaults.ReapTimeout).End(), Is.EqualTo(LeftBehind));
    }

    [Test]
    public void A_process_that_does_not_go_is_left_behind_when_the_others_have_left_later()
    {
        var master = new Master(
            Poller with { GracefulTimeout = Seconds(5) }, Sender with { GracefulTimeout = Seconds(60) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5.25));
        master.Advance(Defaults.ReapTimeout);
        master.Exit(master.Worker(0, service: 1), 0);

        master.Advance(Defaults.ReapTimeout);

        Assert.That(master.State.HasStopped, "nothing else would end it any more");
        Assert.That(master.State.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void A_process_that_was_killed_before_the_stop_and_does_not_go_is_left_behind_too()
    {
        var master = new Master(Poller);
        master.Start();
        master.Advance(Poller.ReadyTimeout);
        master.Stop();
        master.HooksCompleted();

        Assert.That(master.Advance(Defaults.ReapTimeout).End(), Is.EqualTo(LeftBehind));
    }

    [Test]
    public void A_process_that_goes_in_time_is_recorded_as_always()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5.25));
        master.Advance(Defaults.ReapTimeout / 2);

        Assert.That(
            master.Exit(master.Worker(), ExitStatus.Signaled(9)).InWords(), Is.EqualTo("exit StopTimeout, finish 1"));
    }

    [Test]
    public void While_the_program_runs_a_slot_waits_for_its_process_as_long_as_it_takes()
    {
        var master = new Master(Poller);
        master.Start();
        master.Advance(Poller.ReadyTimeout);

        Assert.That(master.Advance(TimeSpan.FromDays(1)), Is.Empty, "a slot never has two processes");
        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.Killed));
    }
}
