using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Environment and nice value: given at the start of a process, and changed by a new one.</summary>
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
    public void New_ones_replace_the_workers_one_after_the_other()
    {
        var master = new Master(Poller with { Workers = 3 }, Sender).StartAndSettle();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { Workers = 3, Start = Own }, Sender]));
        Assert.That(master.Commands.InWords(), Is.EqualTo("start"));
        master.Settle();

        var exits = master.AllCommands.OfType<RecordExit>().Select(r => (r.Exit.Service, r.Exit.WorkerId, r.Exit.Reason)).ToList();
        Assert.That(exits, Is.EqualTo(Enumerable.Range(0, 3).Select(id => ("Poller", id, WorkerExitReason.Replaced))));
    }

    [Test]
    public void The_same_ones_written_again_replace_nobody()
    {
        var master = new Master(Poller with { Start = Own }).StartAndSettle();
        var same = new StartSettings(new Dictionary<string, string?> { ["A"] = "1" }, 5);

        Assert.That(master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { Start = same }])), Is.Empty);
    }

    [Test]
    public void A_successor_with_the_old_ones_does_not_take_over()
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
    public void Nor_one_whose_predecessor_is_already_leaving()
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

    [TestCase("A", "1", 5, true)]
    [TestCase("A", "2", 5, false)]
    [TestCase("A", null, 5, false)]
    [TestCase("B", "1", 5, false)]
    [TestCase("A", "1", 6, false)]
    [TestCase("A", "1", null, false)]
    public void Settings_are_the_same_when_all_of_their_values_are(string name, string? value, int? nice, bool expected)
    {
        var other = new StartSettings(new Dictionary<string, string?> { [name] = value }, nice);

        Assert.That(Own.Equals(other), Is.EqualTo(expected));
    }
}
