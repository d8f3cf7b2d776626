using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Environment and nice value are set at the start of a process; a change replaces the process.</summary>
internal sealed class StartSettingsTests
{
    private static readonly StartSettings Own = new(new Dictionary<string, string?> { ["A"] = "1" }, 5);

    [Test]
    public void A_process_is_started_with_the_settings_of_its_service()
    {
        var master = new Master(Poller with { Start = Own }, Sender);

        Assert.That(
            master.Start().OfType<StartWorker>().Select(s => s.Settings), Is.EqualTo(new[] { Own, StartSettings.Inherited }));
    }

    [Test]
    public void New_start_settings_replace_the_workers_one_after_the_other()
    {
        var master = new Master(Poller with { Workers = 3 }, Sender).StartAndSettle();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { Workers = 3, Start = Own }, Sender]));
        Assert.That(master.Commands.InWords(), Is.EqualTo("start"));
        master.Settle();

        var exits = master.AllCommands.OfType<RecordExit>().Select(r => (r.Exit.Service, r.Exit.WorkerId, r.Exit.Reason)).ToList();
        Assert.That(exits, Is.EqualTo(Enumerable.Range(0, 3).Select(id => ("Poller", id, WorkerExitReason.Replaced))));
    }

    [Test]
    public void Equal_start_settings_replace_no_worker()
    {
        var master = new Master(Poller with { Start = Own }).StartAndSettle();
        var same = new StartSettings(new Dictionary<string, string?> { ["A"] = "1" }, 5);

        Assert.That(master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { Start = same }])), Is.Empty);
    }

    [Test]
    public void A_successor_with_old_start_settings_does_not_take_over()
    {
        var master = new Master(Poller).StartAndSettle();
        master.AskForReplacement(master.Worker());
        var stale = master.Successor();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { Start = Own }]));
        Assert.That(master.Commands.KilledSpawns(), Is.EqualTo(new[] { stale.Spawn }));

        master.Exit(stale, ExitStatus.Signaled(9));
        Assert.That(master.Commands.OfType<StartWorker>().Single().Settings, Is.SameAs(Own));
        master.Settle();
        Assert.That(master.Worker().Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void A_successor_with_old_start_settings_does_not_take_over_from_a_stopping_predecessor()
    {
        var master = new Master(Poller).StartAndSettle();
        var old = master.Worker();
        master.AskForReplacement(old);
        var stale = master.Successor();
        master.Hello(stale);
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { Start = Own }]));
        master.Exit(old, 0);

        Assert.That(master.Commands.OfType<StartWorker>().Single().Settings, Is.SameAs(Own));
        master.Exit(stale, ExitStatus.Signaled(9));
        master.Settle();
        Assert.That(master.Worker().Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void One_change_of_start_settings_and_values_replaces_each_worker_once([Values] bool isReloadable, [Values(1, 3)] int workers)
    {
        var master = new Master(Poller with { Workers = workers }).StartAndSettle();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { Workers = workers, Start = Own }]));
        master.ReloadServices();
        foreach (var process in master.State.Processes.Values.Where(p => p.Reload.IsRunning).ToList())
        {
            _ = isReloadable ? master.Reloaded(process) : master.CannotReload(process);
        }

        master.Settle();

        var answer = master.AllCommands.Outcome()!;
        Assert.That((answer.Reloaded, answer.Replaced), Is.EqualTo(isReloadable ? (workers, 0) : (0, workers)));
        Assert.That(master.AllCommands.OfType<StartWorker>().Count(), Is.EqualTo(2 * workers), "each worker is replaced once");
        Assert.That(master.Service.Slots.Select(s => s.Process!.Start), Is.All.SameAs(Own));
    }

    [Test]
    public void One_change_of_start_settings_and_values_with_ReloadMethod_Restart_replaces_each_worker_once()
    {
        var poller = Poller with { Workers = 3, ReloadMethod = ReloadMethod.Restart };
        var master = new Master(poller).StartAndSettle();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [poller with { Start = Own }]));
        master.ReloadServices();
        master.Settle();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(3));
        Assert.That(master.AllCommands.OfType<StartWorker>().Count(), Is.EqualTo(6));
    }

    [Test]
    public void A_reload_applies_start_settings_whose_first_replacement_was_aborted()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { Workers = 2, Start = Own }]));
        master.Exit(master.Successor(), 134);
        master.Settle();
        Assert.That(master.Worker().Start, Is.EqualTo(StartSettings.Inherited));

        master.Reload();
        master.Settle();

        Assert.That(master.AllCommands.Outcome()!.Failures, Is.Empty);
        Assert.That(master.Service.Slots.Select(s => s.Process!.Start), Is.All.SameAs(Own));
    }

    [TestCase("A", "1", 5, true)]
    [TestCase("A", "2", 5, false)]
    [TestCase("A", null, 5, false)]
    [TestCase("B", "1", 5, false)]
    [TestCase("A", "1", 6, false)]
    [TestCase("A", "1", null, false)]
    public void Start_settings_are_equal_if_all_their_values_are_equal(string name, string? value, int? nice, bool expected)
    {
        var other = new StartSettings(new Dictionary<string, string?> { [name] = value }, nice);

        Assert.That(Own.Equals(other), Is.EqualTo(expected));
    }
}
