using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Measures the CPU time of the decisions. The time for each message must not grow with the number of slots.</summary>
[Category("Long")]
internal sealed class SimulationTests
{
    private const int Many = 10_000;
    private const int Few = 100;
    private const int Rounds = 5;

    // Code that visits all slots for each message is about a hundred times slower. Cache misses and garbage collections on a busy
    // machine were measured to make it eight times slower.
    private const double MaxRatio = 30;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    [Test]
    public void Ten_thousand_crashes_are_followed_by_restarts() => Measure(
        Ready,
        CrashAll,
        (simulation, slots) => Assert.That((simulation.Service.Ready, simulation.State.LastSpawn), Is.EqualTo((slots, 2 * slots))));

    [Test]
    public void Ten_thousand_slots_back_off_and_are_filled_again() => Measure(
        slots =>
        {
            var simulation = Ready(slots);
            CrashAll(simulation, slots);
            return simulation;
        },
        (simulation, slots) =>
        {
            CrashAll(simulation, slots);
            Assert.That(simulation.Service.Ready, Is.Zero, "all slots back off");
            simulation.RunAllDeadlines();
        },
        (simulation, slots) => Assert.That((simulation.Service.Ready, simulation.State.LastSpawn), Is.EqualTo((slots, 3 * slots))));

    [Test]
    public void Ten_thousand_workers_reload_in_place() => Measure(
        Ready,
        (simulation, _) =>
        {
            simulation.Run(new SettingsChanged(simulation.State.Settings, [simulation.Service.Settings]));
            simulation.Run(new ReloadRequested(1, new ReloadAction.ReloadServices()));
        },
        (simulation, slots) =>
        {
            AssertReloadEnded(simulation, slots, spawns: slots);
            Assert.That(simulation.Answered!.Services.Single().Reloaded, Is.EqualTo(slots));
        });

    [Test]
    public void Ten_thousand_workers_are_replaced_one_after_the_other() => Measure(
        Ready,
        (simulation, _) => simulation.Run(new ReloadRequested(1, new ReloadAction.RestartService("Poller"))),
        (simulation, slots) => AssertReloadEnded(simulation, slots, spawns: 2 * slots));

    [Test]
    public void Ten_thousand_replacements_are_aborted() => Measure(
        Ready,
        (simulation, _) =>
        {
            simulation.StartsFail = true;
            simulation.Run(new ReloadRequested(1, new ReloadAction.RestartService("Poller")));
        },
        (simulation, slots) => AssertReloadEnded(simulation, slots, spawns: slots + 1));

    [Test]
    public void Ten_thousand_workers_start_and_stop() => Measure(
        _ => Ready(0),
        (simulation, slots) =>
        {
            simulation.Run(new ScaleRequested("Poller", slots, 1));
            Assert.That(simulation.Service.Ready, Is.EqualTo(slots));
            simulation.Run(new ScaleRequested("Poller", 0, 2));
        },
        (simulation, slots) => Assert.That((simulation.State.Processes.Count, simulation.State.LastSpawn), Is.EqualTo((0, slots))));

    [Test]
    public void Ten_thousand_workers_stop() => Measure(
        Ready,
        (simulation, _) => simulation.Run(new StopRequested()),
        (simulation, _) => Assert.That((simulation.State.HasStopped, simulation.State.ExitCode), Is.EqualTo((true, 0))));

    private static Simulation Ready(int slots) => Simulation.Started(Poller with { Workers = slots, MaxUnavailable = 1 });

    private static void CrashAll(Simulation simulation, int slots)
    {
        for (var id = 0; id < slots; id++)
        {
            simulation.Crash(id);
        }
    }

    private static void AssertReloadEnded(Simulation simulation, int slots, int spawns)
    {
        Assert.That(simulation.State.Operation, Is.Null);
        Assert.That((simulation.Service.Ready, simulation.State.LastSpawn), Is.EqualTo((slots, spawns)));
    }

    private static void Measure(Func<int, Simulation> prepare, Action<Simulation, int> act, Action<Simulation, int> check)
    {
        var few = new List<Cost>();
        var many = new List<Cost>();
        for (var round = 0; round <= Rounds; round++)
        {
            few.Add(Round(Few));
            many.Add(Round(Many));
        }

        // The first round includes JIT compilation.
        var (ofFew, ofMany) = (Median(few.Skip(1)), Median(many.Skip(1)));
        var (slowest, ratio) = (many.Max(c => c.Total), ofMany.Total / ofFew.Total);
        var figures = $"{Few} slots at a time: {ofFew}; {Many}: {ofMany}, {slowest.TotalMilliseconds:F0} ms at most; ratio {ratio:F1}";
        TestContext.Out.WriteLine(figures);
        Assert.That(slowest, Is.LessThan(Limit), figures);
        Assert.That(ratio, Is.LessThan(MaxRatio), figures);

        // Every round handles the same number of slots in total, so that the costs are comparable.
        Cost Round(int slots)
        {
            var cost = new Cost(TimeSpan.Zero, 0);
            for (var done = 0; done < Many; done += slots)
            {
                var simulation = prepare(slots);
                var (messages, start) = (simulation.Messages, Environment.CpuUsage.TotalTime);
                act(simulation, slots);
                cost = cost.Plus(Environment.CpuUsage.TotalTime - start, simulation.Messages - messages);
                check(simulation, slots);
            }

            return cost;
        }
    }

    private static Cost Median(IEnumerable<Cost> costs) => costs.OrderBy(c => c.Total).ElementAt(Rounds / 2);

    private sealed record Cost(TimeSpan Total, int Messages)
    {
        public Cost Plus(TimeSpan time, int messages) => new(Total + time, Messages + messages);

        public override string ToString() =>
            $"{Total.TotalMilliseconds:F1} ms for {Messages} messages, {Total.TotalMicroseconds / Messages:F2} us for one";
    }
}
