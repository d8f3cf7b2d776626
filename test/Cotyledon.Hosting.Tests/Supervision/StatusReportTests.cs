using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The status of services and workers.</summary>
internal sealed class StatusReportTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Test]
    public void Status_shows_the_number_that_the_configuration_says_beside_the_target()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Scale(5);

        Assert.That(Targets(master), Is.EqualTo((5, 2)));
        master.Send(new SupervisorMessage.ScaleRequested("Poller", null, null));
        Assert.That(Targets(master), Is.EqualTo((2, 2)));
    }

    [Test]
    public void Reset_starts_what_was_given_up()
    {
        var master = new Master(Poller with { MaxRestarts = 0 }).StartAndSettle();
        master.Exit(master.Worker(), 2);
        Assert.That(master.Slot(0).IsGivenUp);

        master.Send(new SupervisorMessage.ScaleRequested("Poller", null, 1));
        master.Settle();

        Assert.That((master.AllCommands.Answers().Single().Error, master.Service.Ready), Is.EqualTo(((string?)null, 1)));
    }

    [Test]
    public void Worker_is_ready_since_the_time_of_its_first_ready_report()
    {
        var master = new Master(Poller);
        master.Start();
        master.Advance(Seconds(1));
        Assert.That(Worker(master).ReadySince, Is.Null);

        master.Settle();
        master.Advance(Seconds(5));
        master.Idle(master.Worker());
        Assert.That((Worker(master).StartedAt, Worker(master).ReadySince), Is.EqualTo((Now - Seconds(6), Now - Seconds(5))));
    }

    [Test]
    public void Next_start_is_set_while_the_worker_backs_off_only()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        Assert.That(Worker(master).NextStartAt, Is.Null);

        var delay = master.Exit(master.Worker(), 2).Exit().NextStart!.Value;
        master.Advance(delay / 2);
        Assert.That(Worker(master).NextStartAt, Is.EqualTo(Now + (delay - (delay / 2))));
    }

    [Test]
    public void Worker_is_outdated_from_the_accepted_settings_until_its_reload_in_place()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        Accept(master);
        Assert.That(Outdated(master), Is.EqualTo(new[] { 0, 1 }));

        master.Reload();
        master.Reloaded(master.Worker(1));
        Assert.That(Outdated(master), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void Worker_that_keeps_the_old_settings_after_a_failed_reload_is_outdated()
    {
        var master = new Master(Poller with { Workers = 2, ReloadMethod = ReloadMethod.Restart }).StartAndSettle();
        Accept(master);
        master.Reload();
        var old = master.Worker();
        master.Hello(master.Successor());
        master.Exit(old, 0);
        master.Ready(master.Worker());
        master.Exit(master.Successor(1), 2);

        Assert.That(Outdated(master), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Worker_without_a_reload_method_stays_outdated()
    {
        var master = new Master(Poller with { ReloadMethod = ReloadMethod.None }).StartAndSettle();
        Accept(master);
        master.ReloadServices();
        master.Settle();

        Assert.That(Outdated(master), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void Reload_without_a_changed_value_outdates_no_worker_without_a_reload_method()
    {
        var master = new Master(Poller with { ReloadMethod = ReloadMethod.None }).StartAndSettle();
        master.Reload();

        Assert.That(Outdated(master), Is.Empty);
    }

    [Test]
    public void Settings_that_need_no_reload_outdate_no_worker()
    {
        var master = new Master(Poller).StartAndSettle();
        Accept(master, isAll: true);
        Assert.That(Outdated(master), Is.Empty);

        // A reload without changes.
        master.Reload();
        Assert.That(Outdated(master), Is.Empty);
    }

    [Test]
    public void Reload_that_began_before_the_newest_settings_leaves_the_worker_outdated()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Reload();
        Accept(master);
        master.Reloaded(master.Worker());

        Assert.That(Outdated(master), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void Worker_is_outdated_while_its_process_has_other_start_settings()
    {
        var master = new Master(Poller).StartAndSettle();
        Accept(master, isAll: true, Poller with { Start = new StartSettings(new Dictionary<string, string?> { ["A"] = "1" }, null) });
        Assert.That(Outdated(master), Is.EqualTo(new[] { 0 }));

        master.Settle();
        Assert.That((Outdated(master).Any(), master.Worker().Incarnation), Is.EqualTo((false, 2)));
    }

    [Test]
    public void Exit_has_the_wall_clock_time()
    {
        var master = new Master(Poller).StartAndSettle();
        master.State.WallClock = Now + Seconds(100);

        Assert.That(master.Exit(master.Worker(), 2).Exit().ExitedAt, Is.EqualTo(Now + Seconds(100)));
    }

    private static void Accept(Master master, bool isAll = false, ServiceSettings? settings = null) =>
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [settings ?? master.Service.Settings], isAll));

    private static ServiceStatus Status(Master master) => StatusReport.Of(master.State, master.Now, Now)[0];

    private static WorkerStatus Worker(Master master) => Status(master).Workers[0];

    private static (int Target, int Configured) Targets(Master master) => (Status(master).Target, Status(master).ConfiguredTarget);

    private static IEnumerable<int> Outdated(Master master) => Status(master).Workers.Where(w => w.IsOutdated).Select(w => w.WorkerId);
}
