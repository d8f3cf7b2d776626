using System.Diagnostics.Metrics;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Observability;

internal sealed class MetricsTests
{
    private static readonly ServiceSettings Limited = Poller with { MaxRestarts = 1, Workers = 2 };

    [Test]
    public void Metrics_can_be_read_before_the_supervisor_exists()
    {
        using var provider = new Observed(Poller);
        var meter = new Telemetry(provider.Meters, provider.Clock);
        using var counts = provider.Collect<int>("cotyledon.worker.count");

        Assert.That(counts.RecordObservableInstruments, Throws.Nothing);
        Assert.That(meter.CompleteAsync, Throws.Nothing);
    }

    [Test]
    public void Workers_are_counted_by_state_including_zero()
    {
        using var master = new Observed(Limited, Sender with { Workers = 0 });
        using var counts = master.Collect<int>("cotyledon.worker.count");
        using var targets = master.Collect<int>("cotyledon.worker.target");
        master.Start();
        master.Crash(1);
        master.Crash(3);
        counts.RecordObservableInstruments();
        targets.RecordObservableInstruments();

        var all = counts.GetMeasurementSnapshot();
        Assert.That(all, Has.Count.EqualTo(2 * (Enum.GetValues<WorkerState>().Length - 1)), "Standby is a state of clusters only");
        Assert.That(InWords(all.Where(m => m.Value > 0)), Is.EquivalentTo(new[]
        {
            "cotyledon.service=Poller cotyledon.worker.state=given_up 1", "cotyledon.service=Poller cotyledon.worker.state=ready 1",
        }));
        Assert.That(InWords(targets.GetMeasurementSnapshot()), Is.EqualTo(new[]
        {
            "cotyledon.service=Poller 2", "cotyledon.service=Sender 0",
        }));
    }

    [Test]
    public void Workers_of_a_cluster_and_its_lease_are_measured()
    {
        using var master = new Observed(Poller with { Scope = WorkerScope.Cluster }, Sender);
        using var counts = master.Collect<int>("cotyledon.worker.count");
        using var targets = master.Collect<int>("cotyledon.cluster.target");
        using var leases = master.Collect<double>("cotyledon.cluster.lease");
        master.Start();
        leases.RecordObservableInstruments();
        Assert.That(leases.GetMeasurementSnapshot(), Is.Empty, "there is no lease yet");

        master.Post(new SupervisorMessage.ClusterScaled("Poller", 3));
        master.Post(new SupervisorMessage.LeaseExtended(1000));
        master.Post(new SupervisorMessage.SlotGranted("Poller", 0, 1, 1, 9));
        counts.RecordObservableInstruments();
        targets.RecordObservableInstruments();
        leases.RecordObservableInstruments();
        Assert.That(InWords(counts.GetMeasurementSnapshot().Where(m => m.Value > 0)), Is.EquivalentTo(new[]
        {
            "cotyledon.service=Poller cotyledon.worker.state=ready 1", "cotyledon.service=Poller cotyledon.worker.state=standby 2",
            "cotyledon.service=Sender cotyledon.worker.state=ready 1",
        }));
        Assert.That(InWords(targets.GetMeasurementSnapshot()), Is.EqualTo(new[] { "cotyledon.service=Poller 3" }));
        Assert.That(leases.GetMeasurementSnapshot().Single().Value, Is.Zero, "the machine has run for longer than a second");
    }

    [Test]
    public void Spare_workers_are_counted_while_they_wait()
    {
        using var master = new Observed(Defaults with { SpareWorkers = 2 }, Poller);
        using var spares = master.Collect<int>("cotyledon.spare.count");
        spares.RecordObservableInstruments();
        master.Start();
        master.Advance(Seconds(1));
        spares.RecordObservableInstruments();
        master.Crash(1);
        spares.RecordObservableInstruments();

        Assert.That(spares.GetMeasurementSnapshot().Select(m => m.Value), Is.EqualTo(new[] { 0, 2, 1 }));
    }

    [Test]
    public void Restarts_before_the_first_listener_are_counted_by_reason()
    {
        using var master = new Observed(Defaults with { SpareWorkers = 1 }, Limited);
        master.Start();
        master.Crash(1);
        master.Post(new SupervisorMessage.ReloadRequested(1, new ReloadAction.RestartService("Poller")));
        master.Advance(Seconds(1));
        master.Post(new SupervisorMessage.ScaleRequested("Poller", 1, Request: null));
        using var restarts = master.Collect<long>("cotyledon.worker.restarts");
        restarts.RecordObservableInstruments();

        Assert.That(InWords(restarts.GetMeasurementSnapshot()), Is.EquivalentTo(new[]
        {
            "cotyledon.service=Poller cotyledon.worker.exit.reason=exited 1",
            "cotyledon.service=Poller cotyledon.worker.exit.reason=replaced 2",
        }));
    }

    [Test]
    public void A_worker_that_is_not_replaced_does_not_count_as_a_restart()
    {
        using var master = new Observed(Poller with { MaxRestarts = 1 });
        master.Start();
        master.Crash(1);
        master.Crash(2);
        using var restarts = master.Collect<long>("cotyledon.worker.restarts");
        restarts.RecordObservableInstruments();

        Assert.That(restarts.GetMeasurementSnapshot().Single().Value, Is.EqualTo(1));
    }

    [Test]
    public async Task Starts_are_measured_in_seconds_and_failed_ones_have_an_error_type()
    {
        using var master = new Observed(Poller);
        using var starts = master.Collect<double>("cotyledon.worker.start.duration");
        var works = master.Launcher.OnAssign;
        master.Launcher.OnAssign = _ => { };
        master.Start();
        master.Advance(Seconds(1.5));
        master.Launcher.OnAssign = spawn =>
        {
            master.Clock.Advance(Seconds(0.25));
            works(spawn);
        };
        master.Crash(1);
        await master.Telemetry.CompleteAsync();

        Assert.That(InWords(starts.GetMeasurementSnapshot()), Is.EqualTo(new[]
        {
            "cotyledon.service=Poller cotyledon.worker.start.origin=process error.type=exited 1.5",
            "cotyledon.service=Poller cotyledon.worker.start.origin=process 0.25",
        }));
    }

    [Test]
    public async Task An_exception_of_a_listener_is_counted_and_later_measurements_continue()
    {
        using var master = new Observed(Poller with { Workers = 3 });
        var count = 0;
        using var listener = Listen(master, () =>
        {
            if (++count == 2)
            {
                throw new NotSupportedException();
            }
        });
        master.Start();
        await master.Telemetry.CompleteAsync();
        using var drops = master.Collect<long>("cotyledon.drops");
        drops.RecordObservableInstruments();

        Assert.That(count, Is.EqualTo(3));
        Assert.That(InWords(drops.GetMeasurementSnapshot()), Is.EqualTo(new[]
        {
            "cotyledon.drop.kind=events 0", "cotyledon.drop.kind=log_lines 0", "cotyledon.drop.kind=measurements 1",
        }));
    }

    [Test]
    public async Task A_blocked_listener_does_not_delay_the_supervisor()
    {
        using var master = new Observed(Poller with { Workers = 2 });
        using var wait = new ManualResetEventSlim();
        using var listener = Listen(master, wait.Wait);
        master.Start();
        Assert.That(master.Launcher.Calls, Has.Member("assign 2"));
        wait.Set();
        await master.Telemetry.CompleteAsync();
    }

    [Test]
    public async Task Events_that_a_watcher_loses_are_counted()
    {
        using var master = new Observed(Poller);
        var watching = master.Events.WatchAsync(CancellationToken.None).GetAsyncEnumerator();
        for (var i = 0; i < 1024 + 5; i++)
        {
            master.Events.Publish(new WorkerEvent
            {
                Time = DateTimeOffset.UnixEpoch,
                Kind = WorkerEventKind.Ready,
                Service = "Poller",
                WorkerId = 0,
                Incarnation = 1,
                ProcessId = 1,
            });
        }

        using var drops = master.Collect<long>("cotyledon.drops");
        drops.RecordObservableInstruments();

        Assert.That(InWords(drops.GetMeasurementSnapshot()), Has.Member("cotyledon.drop.kind=events 5"));
        await watching.DisposeAsync();
    }

    private static MeterListener Listen(Observed master, Action onStart)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Scope == master.Meters && instrument.Name == "cotyledon.worker.start.duration")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => onStart());
        listener.Start();
        return listener;
    }

    private static IEnumerable<string> InWords<T>(IEnumerable<CollectedMeasurement<T>> measurements) where T : struct =>
        measurements.Select(m => FormattableString.Invariant(
            $"{string.Join(' ', m.Tags.Select(t => $"{t.Key}={t.Value}"))} {m.Value}"));
}
