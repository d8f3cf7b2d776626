using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Workers that always want to be replaced, or reach a limit as soon as they run.</summary>
internal sealed class EarlyReplacementTests
{
    [Test]
    public void The_first_one_is_made_at_once_and_the_next_ones_wait_as_restarts_do()
    {
        var master = new Master(Poller).StartAndSettle();
        Assert.That(master.AskForReplacement(master.Worker()).StartedIds(), Has.Count.EqualTo(1));
        master.Settle();

        master.AskForReplacement(master.Worker());
        Assert.That(master.Commands.StartedIds(), Is.Empty);
        Assert.That(
            master.Commands.OfType<RecordDelayedReplacement>().Single().Detail,
            Does.StartWith("requested a restart again").And.Contain("it is replaced in"));
        Assert.That(master.AskForReplacement(master.Worker()).OfType<RecordDelayedReplacement>(), Is.Empty, "said once");

        Assert.That(master.AdvanceToNextDeadline().StartedIds(), Has.Count.EqualTo(1));
    }

    [Test]
    public void One_that_asks_before_it_is_ready_is_no_exception()
    {
        var master = new Master(Poller).StartAndSettle();
        master.AskForReplacement(master.Worker());
        master.Hello(master.Successor());
        master.Exit(master.Worker(), 0);

        Assert.That(master.AskForReplacement(master.Worker()).OfType<RecordDelayedReplacement>(), Has.One.Items);
        Assert.That(master.AdvanceToNextDeadline().StartedIds(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_worker_that_was_stable_is_replaced_at_once_again()
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
    public void A_reload_that_a_service_answers_with_its_replacement_does_not_wait()
    {
        var master = new Master(Poller).StartAndSettle();
        for (var i = 1; i <= 3; i++)
        {
            master.Reload(request: i);
            Assert.That(master.AskForReplacement(master.Worker()).StartedIds(), Has.Count.EqualTo(1), $"{i}");
            master.Settle();
        }
    }

    [Test]
    public void A_limit_of_memory_that_every_new_worker_reaches_slows_down_too()
    {
        var master = new Master(Poller with { MaxMemory = 1000 }).StartAndSettle();
        Assert.That(master.Uses(master.Worker(), 2000).StartedIds(), Has.Count.EqualTo(1));
        master.Settle();

        Assert.That(master.Uses(master.Worker(), 2000).OfType<RecordDelayedReplacement>().Single().Detail, Does.StartWith("reached MaxMemory again"));
        Assert.That(master.Commands.StartedIds(), Is.Empty);
    }

    [Test]
    public void A_worker_of_another_build_is_reported_once_and_shown_in_the_status()
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
