using System.Diagnostics;
using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Observability;

[NonParallelizable]
internal sealed class TracesTests
{
    private readonly Spans _spans = new();
    private Observed _master = null!;

    [TearDown]
    public void Dispose()
    {
        _master.Dispose();
        _spans.Dispose();
    }

    [Test]
    public async Task A_start_has_its_duration_and_no_parent()
    {
        _master = new Observed(Poller);
        using var current = new Activity("something else").Start();
        var works = _master.Launcher.OnAssign;
        _master.Launcher.OnAssign = spawn =>
        {
            _master.Clock.Advance(Seconds(3));
            works(spawn);
        };
        _master.Start();
        await _master.Telemetry.CompleteAsync();

        var start = _spans["cotyledon.worker.start"];
        Assert.That((start.StartTimeUtc, start.Duration), Is.EqualTo((DateTime.UnixEpoch, Seconds(3))));
        Assert.That((start.Status, start.ParentId), Is.EqualTo((ActivityStatusCode.Unset, (string?)null)));
        Assert.That(Tags(start), Is.EquivalentTo(new[]
        {
            "cotyledon.service=Poller", "cotyledon.worker.id=0", "cotyledon.worker.incarnation=1", "process.pid=1001",
            "cotyledon.worker.start.origin=process",
        }));
    }

    [Test]
    public async Task A_restart_lasts_as_long_as_the_outage_and_contains_the_start()
    {
        _master = new Observed(Poller with { Backoff = new Backoff(Seconds(4), Seconds(4)) });
        _master.Start();
        _master.Crash(1);
        _master.Crash(2);
        _master.Advance(Seconds(5));
        await _master.Telemetry.CompleteAsync();

        var restart = _spans.All.Last(a => a.OperationName == "cotyledon.worker.restart");
        var start = _spans.All.Last(a => a.OperationName == "cotyledon.worker.start");
        Assert.That((restart.StartTimeUtc, restart.Duration), Is.EqualTo((DateTime.UnixEpoch, Seconds(5))));
        Assert.That((start.ParentSpanId, start.TraceId), Is.EqualTo((restart.SpanId, restart.TraceId)));
        Assert.That(Tags(restart), Is.EquivalentTo(new[]
        {
            "cotyledon.service=Poller", "cotyledon.worker.id=0", "cotyledon.worker.exit.reason=exited",
            "cotyledon.worker.outage.duration=5",
        }));
    }

    [Test]
    public async Task A_failed_start_is_an_error_with_its_reason()
    {
        _master = new Observed(Poller);
        _master.Launcher.OnStart = _master.Launcher.FailToStart;
        _master.Start();
        await _master.Telemetry.CompleteAsync();

        var start = _spans["cotyledon.worker.start"];
        Assert.That((start.Status, start.StatusDescription), Is.EqualTo((ActivityStatusCode.Error, "no such file")));
        Assert.That(Tags(start), Has.Member("error.type=start_failed"));
    }

    [TestCase(0, ActivityStatusCode.Unset)]
    [TestCase(3, ActivityStatusCode.Error)]
    public async Task The_stop_lasts_from_the_hooks_to_the_last_worker(int exitCode, ActivityStatusCode status)
    {
        _master = new Observed(Poller);
        _master.Start();
        _master.Advance(Seconds(10));
        _master.Stop(exitCode);
        await _master.Telemetry.CompleteAsync();

        var stop = _spans["cotyledon.stop"];
        Assert.That((stop.StartTimeUtc, stop.Duration), Is.EqualTo((DateTime.UnixEpoch + Seconds(10), Seconds(2))));
        Assert.That((stop.Status, Tags(stop).Single()), Is.EqualTo((status, $"process.exit.code={exitCode}")));
    }

    [TestCase("reload", ReloadOutcome.Reloaded, "cotyledon.reload", ActivityStatusCode.Unset)]
    [TestCase("reload", ReloadOutcome.Rejected, "cotyledon.reload", ActivityStatusCode.Error)]
    [TestCase("worker", ReloadOutcome.Failed, "cotyledon.reload", ActivityStatusCode.Error)]
    [TestCase("restart", ReloadOutcome.Reloaded, "cotyledon.restart", ActivityStatusCode.Unset)]
    public async Task A_reload_is_a_child_of_its_request_and_the_parent_of_its_hooks(
        string kind, ReloadOutcome outcome, string name, ActivityStatusCode status)
    {
        _master = new Observed(Poller);
        using var durations = _master.Collect<double>("cotyledon.reload.duration");
        using var request = new Activity("request").Start();
        ReloadAction action = kind switch
        {
            "restart" => new ReloadAction.RestartService("Poller"),
            "worker" => new ReloadAction.ReloadProcess(3),
            _ => new ReloadAction.ReloadServices(),
        };
        var reloadRequest = new ReloadRequest(action, _master.Clock.GetTimestamp());
        _master.Clock.Advance(Seconds(1));
        Activity? inside = null;
        await _master.Telemetry.ObserveAsync(reloadRequest, _ =>
        {
            inside = Activity.Current;
            return Task.FromResult(new ReloadResult { Outcome = outcome, Errors = ["an error"], Duration = Seconds(7) });
        });
        await _master.Telemetry.CompleteAsync();

        var reload = _spans[name];
        Assert.That((inside, reload.ParentSpanId, reload.StartTimeUtc), Is.EqualTo((reload, request.SpanId, DateTime.UnixEpoch)));
        Assert.That((reload.Status, Activity.Current), Is.EqualTo((status, request)));
        string[] expected = [$"cotyledon.reload.kind={kind}", $"cotyledon.reload.outcome={outcome.ToString().ToLowerInvariant()}"];
        Assert.That(Tags(reload), Is.SupersetOf(expected));
        var measured = durations.GetMeasurementSnapshot().Single();
        Assert.That((measured.Value, measured.Tags.Select(t => $"{t.Key}={t.Value}")), Is.EqualTo((7.0, expected)));
    }

    [Test]
    public void An_exception_in_a_reload_is_an_error_and_is_rethrown()
    {
        _master = new Observed(Poller);

        Assert.That(
            () => _master.Telemetry.ObserveAsync(new ReloadRequest(new ReloadAction.ReloadServices(), 0), _ => throw new NotSupportedException("broken")),
            Throws.TypeOf<NotSupportedException>());
        var reload = _spans["cotyledon.reload"];
        Assert.That((reload.Status, reload.StatusDescription), Is.EqualTo((ActivityStatusCode.Error, "broken")));
    }

    [Test]
    public async Task Without_listeners_there_are_no_activities()
    {
        _spans.Dispose();
        _master = new Observed(Poller);
        _master.Start();
        Activity? inside = null;
        await _master.Telemetry.ObserveAsync(new ReloadRequest(new ReloadAction.ReloadServices(), 0), _ =>
        {
            inside = Activity.Current;
            return Task.FromResult(new ReloadResult { Outcome = ReloadOutcome.Unchanged, Duration = Seconds(1) });
        });

        Assert.That((inside, _spans.All.Count), Is.EqualTo(((Activity?)null, 0)));
    }

    private static IEnumerable<string> Tags(Activity activity) => activity.TagObjects.Select(t => $"{t.Key}={t.Value}");
}
