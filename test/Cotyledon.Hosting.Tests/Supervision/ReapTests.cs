using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A process in an uninterruptible system call does not exit, not even after SIGKILL.</summary>
internal sealed class ReapTests
{
    private static readonly Finish LeftBehind = new(1, Fast: false);

    [Test]
    public void A_process_that_survives_SIGKILL_is_left_behind_after_the_reap_timeout()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);

        Assert.That(master.Advance(Defaults.ReapTimeout - TimeSpan.FromTicks(1)), Is.Empty);
        Assert.That(master.Advance(TimeSpan.FromTicks(1)).End(), Is.EqualTo(LeftBehind));
    }

    [Test]
    public void Other_services_keep_their_whole_graceful_timeout()
    {
        var master = new Master(
            Poller with { GracefulTimeout = Seconds(5) }, Sender with { GracefulTimeout = Seconds(60) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);

        Assert.That(master.Advance(Seconds(55) - ServiceSettings.KillDelay).End(), Is.Null);
        Assert.That(master.Advance(ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { 2 }));
        Assert.That(master.Advance(Defaults.ReapTimeout).End(), Is.EqualTo(LeftBehind));
    }

    [Test]
    public void A_process_that_survives_SIGKILL_is_left_behind_when_the_others_exit_later()
    {
        var master = new Master(
            Poller with { GracefulTimeout = Seconds(5) }, Sender with { GracefulTimeout = Seconds(60) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);
        master.Advance(Defaults.ReapTimeout);
        master.Exit(master.Worker(0, service: 1), 0);

        master.Advance(Defaults.ReapTimeout);

        Assert.That(master.State.HasStopped, "no further event would end the stop");
        Assert.That(master.State.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void A_process_that_survived_SIGKILL_before_the_stop_is_left_behind_too()
    {
        var master = new Master(Poller);
        master.Start();
        master.Advance(Poller.ReadyTimeout);
        master.Stop();
        master.HooksCompleted();

        Assert.That(master.Advance(Defaults.ReapTimeout).End(), Is.EqualTo(LeftBehind));
    }

    [Test]
    public void A_killed_process_that_exits_in_time_is_recorded()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);
        master.Advance(Defaults.ReapTimeout / 2);

        Assert.That(
            master.Exit(master.Worker(), ExitStatus.Signaled(9)).InWords(), Is.EqualTo("exit StopTimeout, finish 1"));
    }

    [Test]
    public void A_slot_of_a_running_program_waits_without_a_limit_for_its_killed_process()
    {
        var master = new Master(Poller);
        master.Start();
        master.Advance(Poller.ReadyTimeout);

        Assert.That(master.Advance(TimeSpan.FromDays(1)), Is.Empty, "a slot never has two processes");
        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.Killed));
    }
}
