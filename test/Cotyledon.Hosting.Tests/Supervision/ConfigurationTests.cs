using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Which workers are sent an accepted configuration, and when.</summary>
internal sealed class ConfigurationTests
{
    [Test]
    public void Settings_without_a_reload_are_published_to_running_workers_of_services_that_reload()
    {
        var master = new Master(
            Poller with { Workers = 2 }, Sender, new ServiceSettings { Name = "Fixed", ReloadMethod = ReloadMethod.None }).StartAndSettle();
        master.Exit(master.Worker(), 2);

        Assert.That(
            Change(master, isAll: true).OfType<PublishConfiguration>().Select(p => p.Spawn),
            Is.EqualTo(new[] { master.Worker(1).Spawn, master.Worker(0, service: 1).Spawn }));
        Assert.That(Change(master, isAll: false).OfType<PublishConfiguration>(), Is.Empty, "the reload sends it");
    }

    [Test]
    public void Settings_without_a_reload_are_not_published_to_workers_that_keep_old_values()
    {
        var master = new Master(Poller with { Workers = 2, ReloadMethod = ReloadMethod.Restart }).StartAndSettle();
        Change(master, isAll: false);
        master.ReloadServices();
        master.Exit(master.Successor(), 2);
        Assert.That(master.AllCommands.Outcome()!.Failures, Is.Not.Empty, "the rolling restart was aborted");
        Assert.That(Change(master, isAll: true).OfType<PublishConfiguration>(), Is.Empty);

        master.Exit(master.Worker(1), 2);
        master.Recover(1);
        Assert.That(
            Change(master, isAll: true).OfType<PublishConfiguration>().Select(p => p.Spawn), Is.EqualTo(new[] { master.Worker(1).Spawn }));
    }

    [Test]
    public void New_reload_method_does_not_publish_the_values_that_workers_did_not_take()
    {
        var master = new Master(Poller with { ReloadMethod = ReloadMethod.None }).StartAndSettle();
        Change(master, isAll: false);
        master.ReloadServices();

        Assert.That(
            master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller], WithoutReload: true)).OfType<PublishConfiguration>(), Is.Empty);
    }

    [Test]
    public void Reload_skips_workers_that_were_assigned_with_the_new_configuration()
    {
        var master = new Master(Poller).StartAndSettle();
        Change(master, isAll: false);

        // A hook that runs before the services reload may resize.
        master.Scale(3);
        master.Settle();

        Assert.That(master.ReloadServices(), Is.EqualTo(new[] { new ReloadWorker(1) }));
        Assert.That(master.Reloaded(master.Worker()).Outcome()!.Reloaded, Is.EqualTo(1));
        Assert.That(master.Reload(request: 2), Has.Exactly(3).InstanceOf<ReloadWorker>(), "a reload on request includes all workers");
    }

    [Test]
    public void Rolling_restart_skips_workers_that_were_started_with_the_new_configuration()
    {
        var master = new Master(Poller with { ReloadMethod = ReloadMethod.Restart }).StartAndSettle();
        Change(master, isAll: false);
        master.Scale(2);
        master.Settle();
        master.ReloadServices();
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(1));
    }

    [Test]
    public void Changed_configuration_file_ends_the_back_off_of_processes_that_failed_to_start()
    {
        var master = new Master(Poller, Sender).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Exit(master.Worker(), 2);
        master.Exit(master.Worker(0, service: 1), 2);
        master.Settle();
        master.Exit(master.Worker(0, service: 1), 2);
        Assert.That(master.Send(new SupervisorMessage.TimePassed()), Is.Empty, "both slots back off");

        Assert.That(
            master.Send(new SupervisorMessage.ConfigurationFilesChanged()).OfType<StartWorker>().Select(s => s.Service),
            Is.EqualTo(new[] { "Poller" }),
            "the worker of the other service had a slot when it crashed");
    }

    [Test]
    public void Changed_configuration_file_retries_a_slot_given_up_after_failed_starts()
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
