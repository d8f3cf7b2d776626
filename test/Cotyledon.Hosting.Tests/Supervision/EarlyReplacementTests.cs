using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Workers that request their replacement repeatedly, or reach a limit as soon as they run.</summary>
internal sealed class EarlyReplacementTests
{
    [Test]
    public void First_replacement_is_immediate_and_the_following_ones_back_off()
    {
        var master = new Master(Poller).StartAndSettle();
        Assert.That(master.AskForReplacement(master.Worker()).StartedIds(), Has.Count.EqualTo(1));
        master.Settle();

        master.AskForReplacement(master.Worker());
        Assert.That(master.Commands.StartedIds(), Is.Empty);
        Assert.That(
            master.Commands.OfType<RecordDelayedReplacement>().Single().Detail,
            Does.StartWith("requested a restart again").And.Contain("it is replaced in"));
        Assert.That(master.AskForReplacement(master.Worker()).OfType<RecordDelayedReplacement>(), Is.Empty, "logged once");

        Assert.That(master.AdvanceToNextDeadline().StartedIds(), Has.Count.EqualTo(1));
    }

    [Test]
    public void Replacement_requested_before_the_worker_is_ready_backs_off_too()
    {
        var master = new Master(Poller).StartAndSettle();
        master.AskForReplacement(master.Worker());
        master.Hello(master.Successor());
        master.Exit(master.Worker(), 0);

        Assert.That(master.AskForReplacement(master.Worker()).OfType<RecordDelayedReplacement>(), Has.One.Items);
        Assert.That(master.AdvanceToNextDeadline().StartedIds(), Has.Count.EqualTo(1));
    }

    [Test]
    public void Back_off_of_a_worker_that_is_never_stable_stays_at_its_maximum()
    {
        var master = new Master(Poller).StartAndSettle();
        for (var i = 0; i < 12; i++)
        {
            master.AskForReplacement(master.Worker());
            if (master.Commands.StartedIds().Count == 0)
            {
                master.AdvanceToNextDeadline();
            }

            master.Settle();
        }

        master.AskForReplacement(master.Worker());
        Assert.That(master.State.NextDeadline - master.Now, Is.GreaterThan(Seconds(20)));
    }

    [Test]
    public void A_second_check_of_a_pending_replacement_does_not_reset_the_back_off()
    {
        var master = new Master(Poller).StartAndSettle();
        master.AskForReplacement(master.Worker());
        master.Settle();
        master.AskForReplacement(master.Worker());
        var early = master.Slot(0).Failures.EarlyReplacements;
        master.Worker().Checks.Replacement.Deadline = master.Now + Seconds(100);
        master.Advance(Seconds(50));
        master.AskForReplacement(master.Worker());

        Assert.That((early, master.Slot(0).Failures.EarlyReplacements), Is.EqualTo((2, 2)));
    }

    [Test]
    public void The_first_early_request_after_a_rolling_restart_of_a_stable_worker_does_not_back_off()
    {
        var master = new Master(Poller).StartAndSettle();
        master.AskForReplacement(master.Worker());
        master.Settle();
        master.Advance(TimeSpan.FromDays(1));
        master.Restart();
        master.Settle();

        Assert.That(master.AskForReplacement(master.Worker()).StartedIds(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_stable_worker_is_replaced_without_back_off()
    {
        var master = new Master(Poller).StartAndSettle();
        for (var i = 0; i < 5; i++)
        {
            master.Advance(Poller.StableAfter);
            Assert.That(master.AskForReplacement(master.Worker()).StartedIds(), Has.Count.EqualTo(1), $"{i}");
            master.Settle();
        }
    }

    [Test]
    public void Replacement_requested_for_a_reload_does_not_back_off()
    {
        var master = new Master(Poller).StartAndSettle();
        for (var i = 1; i <= 3; i++)
        {
            master.Reload(request: i);
            Assert.That(master.CannotReload(master.Worker()).StartedIds(), Has.Count.EqualTo(1), $"{i}");
            master.Settle();
        }
    }

    [Test]
    public void Replacements_for_MaxMemory_back_off_when_every_new_worker_reaches_the_limit()
    {
        var master = new Master(Poller with { MaxMemory = 1000 }).StartAndSettle();
        Assert.That(master.ReportMemory(master.Worker(), 2000).StartedIds(), Has.Count.EqualTo(1));
        master.Settle();

        Assert.That(
            master.ReportMemory(master.Worker(), 2000).OfType<RecordDelayedReplacement>().Single().Detail,
            Does.StartWith("reached MaxMemory again"));
        Assert.That(master.Commands.StartedIds(), Is.Empty);
    }

    [Test]
    public void Workers_of_another_build_are_logged_once_and_marked_in_the_status()
    {
        var master = new Master(Poller with { Workers = 2 });
        master.Start();
        master.Send(new SupervisorMessage.WorkerSaidHello(1, IsOtherBuild: true));
        Assert.That(master.Commands.OfType<RecordOtherBuild>(), Has.One.Items);
        master.Send(new SupervisorMessage.WorkerSaidHello(2, IsOtherBuild: true));

        Assert.That(master.Commands.OfType<RecordOtherBuild>(), Is.Empty);
        var status = StatusReport.Of(master.State, master.Now, DateTimeOffset.UnixEpoch);
        Assert.That(status.Single().Workers.Select(w => w.IsOtherBuild), Is.All.True);
    }
}
