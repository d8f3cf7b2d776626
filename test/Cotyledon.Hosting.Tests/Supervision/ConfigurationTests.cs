using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Which workers are sent an accepted configuration, and when.</summary>
internal sealed class ConfigurationTests
{
    [Test]
    public void Settings_alone_are_published_to_all_that_have_a_slot()
    {
        var master = new Master(
            Poller with { Workers = 2 }, Sender, new ServiceSettings { Name = "Fixed", ReloadMethod = ReloadMethod.None }).StartAndSettle();
        master.Exit(master.Worker(), 2);

        Assert.That(
            Change(master, isAll: true).OfType<PublishConfiguration>().Select(p => p.Spawn),
            Is.EqualTo(new[] { master.Worker(1).Spawn, master.Worker(0, service: 1).Spawn }));
        Assert.That(Change(master, isAll: false).OfType<PublishConfiguration>(), Is.Empty, "a reload brings it");
    }

    [Test]
    public void A_reload_leaves_out_workers_that_were_given_their_slot_with_the_new_configuration()
    {
        var master = new Master(Poller).StartAndSettle();
        Change(master, isAll: false);

        // As a hook does that runs before the services reload.
        master.Resize(3);
        master.Settle();

        Assert.That(master.Reload(), Is.EqualTo(new[] { new ReloadWorker(1) }));
        Assert.That(master.Reloaded(master.Worker()).Outcome()!.Reloaded, Is.EqualTo(1));
        Assert.That(master.Reload(request: 2), Has.Exactly(3).InstanceOf<ReloadWorker>(), "one on demand concerns all");
    }

    [Test]
    public void A_restart_leaves_out_workers_that_were_started_with_the_new_configuration()
    {
        var master = new Master(Poller with { ReloadMethod = ReloadMethod.Restart }).StartAndSettle();
        Change(master, isAll: false);
        master.Resize(2);
        master.Settle();
        master.Reload();
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(1));
    }

    [Test]
    public void A_file_that_was_written_ends_the_wait_of_processes_that_could_not_start()
    {
        var master = new Master(Poller, Sender).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Exit(master.Worker(), 2);
        master.Exit(master.Worker(0, service: 1), 2);
        master.Settle();
        master.Exit(master.Worker(0, service: 1), 2);
        Assert.That(master.Send(new SupervisorMessage.TimePassed()), Is.Empty, "both wait");

        Assert.That(
            master.Send(new SupervisorMessage.ConfigurationFilesChanged()).OfType<StartWorker>().Select(s => s.Service),
            Is.EqualTo(new[] { "Poller" }),
            "the other one had a slot when it crashed");
    }

    [Test]
    public void A_slot_that_was_given_up_because_nothing_could_start_is_tried_again_too()
    {
        var master = new Master(Poller with { MaxRestarts = 1 });
        master.Start();
        master.Exit(master.Worker(), 2);
        master.AdvanceToNextDeadline();
        master.Exit(master.Worker(), 2);
        Assert.That(master.State.Services[0].Slots[0].IsGivenUp);

        Assert.That(master.Send(new SupervisorMessage.ConfigurationFilesChanged()).OfType<StartWorker>(), Has.One.Items);
    }

    private static IReadOnlyList<SupervisorCommand> Change(Master master, bool isAll) => master.Send(new SupervisorMessage.SettingsChanged(
        master.State.Settings, [.. master.State.Services.Select(s => s.Settings)], isAll));
}
