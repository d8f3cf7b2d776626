using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Tests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests.InProcess;

/// <summary>The manager of a complete program whose workers run in the test host.</summary>
internal sealed class InProcessManagerTests
{
    [Test]
    public async Task Overview_describes_the_running_program()
    {
        var before = DateTimeOffset.UtcNow;
        await using var program = await InProcessProgram.StartAsync();
        await program.UntilAsync(() => program.Manager.GetOverview().Phase == CotyledonPhase.Running);

        var overview = program.Manager.GetOverview();
        Assert.That(
            (overview.Health, overview.HealthDescription, overview.ProcessId, overview.ProcessCount, overview.SpareTarget),
            Is.EqualTo((HealthStatus.Healthy, "All workers are ready.", Environment.ProcessId, 0, 0)));
        Assert.That(overview.Application, Is.EqualTo(program.Get<IHostEnvironment>().ApplicationName));
        Assert.That(overview.StartedAt, Is.InRange(before, DateTimeOffset.UtcNow));
        Assert.That(overview.Version, Is.Not.Empty.And.Not.Contains("+"));
    }

    [Test]
    public async Task Overview_shows_errors_in_the_configuration_and_issues_of_other_packages()
    {
        var source = new Source();
        await using var program = await InProcessProgram.StartAsync(
            source, register: services => services.AddSingleton<IHealthIssueSource>(new Issues()));
        await program.UntilReadyAsync();
        source.Values["Cotyledon:Services:poller:Workers"] = "x";
        var result = await program.Manager.ReloadAsync();

        var overview = program.Manager.GetOverview();
        Assert.That((overview.Health, overview.ConfigurationErrors), Is.EqualTo((HealthStatus.Degraded, result.Errors)));
        Assert.That(overview.HealthDescription, Does.Contain("configuration rejected").And.Contain("queue 'samples': is full"));
    }

    [Test]
    public async Task Overview_is_available_before_the_start_and_after_the_end()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddCotyledonWorker<RecordingService>(1, "poller");
        ICotyledonManager manager;
        using (var host = builder.Build())
        {
            manager = host.Services.GetRequiredService<ICotyledonManager>();
            Assert.That((manager.GetOverview().Phase, manager.GetOverview().Health), Is.EqualTo((CotyledonPhase.Starting, HealthStatus.Degraded)));
            Assert.That((manager.GetExits(), manager.GetOperations()), Is.EqualTo((Array.Empty<WorkerExit>(), Array.Empty<OperationStatus>())));
            Assert.That(() => manager.KillAsync("poller", 0, 1), Throws.InvalidOperationException);
            Assert.That(() => manager.Shutdown(256), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => manager.Shutdown(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => manager.MeasureAsync(), Throws.InvalidOperationException);
            Assert.That(() => manager.RestartAsync("poller", 0), Throws.InvalidOperationException);
            Assert.That(() => manager.ResetScaleAsync("poller"), Throws.InvalidOperationException);
        }

        await using var program = await InProcessProgram.StartAsync();
        await program.UntilReadyAsync();
        await program.StopAsync();
        Assert.That(program.Manager.GetOverview().Phase, Is.EqualTo(CotyledonPhase.Stopped));
        Assert.That(await program.Manager.KillAsync("poller", 0, 1), Is.False);
    }

    [Test]
    public async Task Current_worker_is_that_of_the_calling_flow_and_null_in_the_master()
    {
        var seen = new System.Collections.Concurrent.ConcurrentBag<WorkerInfo?>();
        await using var program = await InProcessProgram.StartAsync(record: new Record
        {
            Run = async (_, stopping) =>
            {
                await Task.Yield();
                seen.Add(CotyledonHost.CurrentWorker);
                await Task.Delay(Timeout.Infinite, stopping);
            },
        });
        await program.UntilAsync(() => seen.Count == 2);

        Assert.That(seen.OrderBy(w => w?.WorkerId), Is.EqualTo(new[]
        {
            new WorkerInfo { ServiceName = "poller", WorkerId = 0, Incarnation = 1 },
            new WorkerInfo { ServiceName = "poller", WorkerId = 1, Incarnation = 1 },
        }));
        Assert.That(seen.Select(w => $"{w}").Order(), Is.EqualTo(new[] { "poller(0)", "poller(1)" }));
        Assert.That(CotyledonHost.CurrentWorker, Is.Null);
    }

    [Test]
    public async Task Kill_abandons_this_incarnation_only()
    {
        await using var program = await InProcessProgram.StartAsync();
        await program.UntilReadyAsync();

        Assert.That(await program.Manager.KillAsync("poller", 1, 1));
        await program.UntilAsync(() => program.Workers is [{ Incarnation: 1 }, { Incarnation: 2, State: WorkerState.Ready }]);

        Assert.That(await program.Manager.KillAsync("poller", 1, 1), Is.False);
        var exit = program.Manager.GetExits().Single();
        Assert.That((exit.WorkerId, exit.Reason, exit.Message), Is.EqualTo((1, WorkerExitReason.Killed, "Requested by: code.")));
        Assert.That(exit.ExitedAt, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task Restart_of_one_worker_replaces_it_and_is_listed()
    {
        await using var program = await InProcessProgram.StartAsync();
        await program.UntilReadyAsync();

        var result = await program.Manager.RestartAsync("poller", 1);

        Assert.That((result.Outcome, result.Services.Single().Replaced), Is.EqualTo((ReloadOutcome.Reloaded, 1)));
        Assert.That(program.Workers.Select(w => w.Incarnation), Is.EqualTo(new[] { 1, 2 }));
        var operation = program.Manager.GetOperations().Single();
        Assert.That(
            (operation.Kind, operation.Service, operation.WorkerId, operation.RequestedBy.Single(), operation.Result),
            Is.EqualTo((OperationKind.Restart, "poller", 1, "code", result)));
    }

    [Test]
    public async Task Restart_of_a_worker_that_does_not_exist_fails()
    {
        await using var program = await InProcessProgram.StartAsync();
        await program.UntilReadyAsync();

        var result = await program.Manager.RestartAsync("poller", 2);

        Assert.That((result.Outcome, result.Errors.Single()), Is.EqualTo((ReloadOutcome.Failed, "Service 'poller' has no worker 2. Its number of workers is 2.")));
        Assert.That(() => program.Manager.RestartAsync("poller", -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => program.Manager.RestartAsync("other", 0), Throws.ArgumentException);
    }

    [Test]
    public async Task Scale_tells_whether_the_service_has_the_requested_number()
    {
        var gate = new TaskCompletionSource();
        var record = new Record
        {
            Run = async (worker, stopping) =>
            {
                await (worker.WorkerId < 2 ? Task.CompletedTask : gate.Task);
                worker.MarkReady();
                await Task.Delay(Timeout.Infinite, stopping);
            },
        };
        await using var program = await InProcessProgram.StartAsync(configure: o => o.WaitForMarkReady = true, record: record);
        await program.UntilReadyAsync();

        var superseded = program.Manager.ScaleAsync("poller", 4);
        var latest = program.Manager.ScaleAsync("poller", 3);
        gate.SetResult();
        var last = await latest;

        Assert.That((last.Outcome, last.Errors, program.Workers.Count), Is.EqualTo((ScaleOutcome.Scaled, Array.Empty<string>(), 3)));
        Assert.That((await superseded).Outcome, Is.EqualTo(ScaleOutcome.Superseded));
        Assert.That((await superseded).Errors, Is.EqualTo(new[] { "A later change has set the number of workers of 'poller' to 3." }));
        Assert.That(() => program.Manager.ScaleAsync("other", 1), Throws.ArgumentException);

        await program.StopAsync();
        var late = await program.Manager.ScaleAsync("poller", 1);
        Assert.That((late.Outcome, late.Errors.Single()), Is.EqualTo((ScaleOutcome.Failed, "The supervisor is stopping.")));
    }

    [Test]
    public async Task Reset_returns_to_the_configured_number()
    {
        await using var program = await InProcessProgram.StartAsync();
        await program.Manager.ScaleAsync("poller", 4);
        Assert.That((program.Manager.GetStatus()[0].Target, program.Manager.GetStatus()[0].ConfiguredTarget), Is.EqualTo((4, 2)));

        await program.Manager.ResetScaleAsync("poller");

        Assert.That((program.Manager.GetStatus()[0].Target, program.Workers.Count), Is.EqualTo((2, 2)));
    }

    [Test]
    public async Task Measurement_shows_the_process_that_has_all_workers()
    {
        await using var program = await InProcessProgram.StartAsync();
        await program.UntilReadyAsync();

        var usage = (await program.Manager.MeasureAsync()).Single();

        Assert.That((usage.Service, usage.WorkerId, usage.ProcessId), Is.EqualTo(((string?)null, (int?)null, Environment.ProcessId)));
        Assert.That(usage.MemoryBytes, Is.Positive);
    }

    [Test]
    public async Task Watcher_gets_the_events_of_the_first_workers_later()
    {
        await using var program = await InProcessProgram.StartAsync(workers: 1);
        await program.UntilReadyAsync(1);
        var events = program.Manager.WatchAsync(after: 0);
        await program.StopAsync();

        Assert.That(await events.Select(e => (e.Number, e.Kind)).ToListAsync(), Is.EqualTo(new[]
        {
            (1, WorkerEventKind.Started), (2, WorkerEventKind.Assigned), (3, WorkerEventKind.Ready), (4, WorkerEventKind.Stopping),
            (5, WorkerEventKind.Exited),
        }));
        Assert.That(() => program.Manager.WatchAsync(after: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private sealed class Issues : IHealthIssueSource
    {
        public IEnumerable<HealthIssue> HealthIssues =>
            [new HealthIssue { Key = "Queues:samples", Subject = "queue 'samples'", Problem = "is full" }];
    }
}
