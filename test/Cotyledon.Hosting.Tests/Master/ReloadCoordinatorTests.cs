using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Tests.Configuration;
using Moq;

namespace Cotyledon.Hosting.Tests.Master;

/// <summary>How changed configurations, reloads and restarts are processed.</summary>
internal sealed class ReloadCoordinatorTests
{
    private readonly Source _source = new()
    {
        Values = new()
        {
            ["Cotyledon:Services:Poller:Workers"] = "2",
            ["Cotyledon:GracefulShutdownTimeout"] = "infinite",
            ["Key"] = "1",
        },
    };

    private readonly Mock<ICotyledonHooks> _hooks = new();
    private Reloading _master = null!;

    [SetUp]
    public async Task SetUp()
    {
        _hooks.SetReturnsDefault(Task.CompletedTask);
        _master = new Reloading(_source, [_hooks.Object]);
        await _master.StartAsync();
    }

    [TearDown]
    public void TearDown() => _master.Dispose();

    [Test]
    public async Task A_requested_reload_reloads_all_workers_although_nothing_has_changed()
    {
        var result = await _master.Coordinator.ReloadAsync();
        await _master.EndAsync();

        Assert.That((result.Outcome, result.ChangedKeys.Count, result.Errors.Count), Is.EqualTo((ReloadOutcome.Reloaded, 0, 0)));
        Assert.That(
            result.Services.Select(s => (s.Service, s.Reloaded, s.Replaced)), Is.EqualTo(new[] { ("Poller", 2, 0) }));
        Assert.That(_master.Calls.Take(2), Is.EqualTo(new[] { "reload 1", "reload 2" }));
        Assert.That(_master.Announced, Is.EqualTo(new[] { true, false }));
        _hooks.Verify(h => h.OnReloadAsync(It.IsAny<CancellationToken>()), Times.Once);
    }

    [Test]
    public async Task A_change_notification_without_a_change_has_no_effect()
    {
        var loads = _source.Loads;
        await _master.AnnounceChangeAsync();
        await _master.EndAsync();

        Assert.That(_source.Loads, Is.EqualTo(loads + 1));
        Assert.That(_master.Calls, Has.None.StartsWith("reload"));
        Assert.That(_master.Announced, Is.Empty);
        _hooks.Verify(h => h.OnReloadAsync(It.IsAny<CancellationToken>()), Times.Never);
    }

    [Test]
    public async Task A_changed_key_of_the_program_reloads_all_workers_once()
    {
        _source.Values["Key"] = "2";
        await _master.AnnounceChangeAsync();
        await _master.AnnounceChangeAsync();
        await _master.EndAsync();

        Assert.That(_master.Calls.Count(c => c.StartsWith("reload", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(_master.Logger.Names.Count(n => n == "Reloaded"), Is.EqualTo(3), "one reload and two empty restarts");
    }

    [Test]
    public async Task A_change_of_settings_alone_is_applied_without_a_reload()
    {
        _source.Values["Cotyledon:Services:Poller:Workers"] = "3";
        await _master.AnnounceChangeAsync();
        await _master.EndAsync();

        Assert.That(_master.Calls, Does.Contain("start 3").And.Contain("update 1 3"));
        Assert.That(_master.Calls, Has.None.StartsWith("reload"));
        Assert.That(_master.InForce.Services[0].Workers, Is.EqualTo(3));
        Assert.That(
            _master.Logger.Lines.Select(l => l.Message),
            Has.One.EqualTo("Settings applied: Cotyledon:Services:Poller:Workers."));
        _hooks.Verify(h => h.OnReloadAsync(It.IsAny<CancellationToken>()), Times.Never);
    }

    [Test]
    public async Task A_requested_reload_reports_the_changed_keys_and_applies_settings_too()
    {
        _source.Values["Cotyledon:Services:Poller:Workers"] = "1";
        _source.Values["Key"] = "2";
        _source.Values.Add("Another", "x");

        var result = await _master.Coordinator.ReloadAsync();
        await _master.EndAsync();

        Assert.That(result.ChangedKeys, Is.EqualTo(new[] { "Another", "Cotyledon:Services:Poller:Workers", "Key" }));
        Assert.That(result.Services.Single().Reloaded, Is.EqualTo(1));
        Assert.That(_master.Calls, Does.Contain("stop 2"));
    }

    [Test]
    public async Task Settings_are_applied_before_the_hooks_and_hooks_complete_before_the_workers_reload()
    {
        _source.Values["Cotyledon:HookTimeout"] = "00:00:05";
        var (started, end) = (new Pending(), new Pending());
        var hasReloaded = false;
        _master.OnReload = spawn =>
        {
            hasReloaded = true;
            _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn));
        };
        _hooks.Setup(h => h.OnReloadAsync(It.IsAny<CancellationToken>())).Returns(() =>
        {
            started.SetResult();
            return end.Task;
        });

        var reload = _master.Coordinator.ReloadAsync();
        await started.Task;
        Assert.That((hasReloaded, _master.InForce.Supervisor.HookTimeout), Is.EqualTo((false, TimeSpan.FromSeconds(5))));

        end.SetResult();
        await reload;
        Assert.That(hasReloaded);
    }

    [Test]
    public async Task The_reload_continues_when_a_hook_exceeds_its_timeout()
    {
        var started = new Pending();
        _hooks.Setup(h => h.OnReloadAsync(It.IsAny<CancellationToken>())).Returns(() =>
        {
            started.SetResult();
            return Pending.ForEver;
        });
        var reload = _master.Coordinator.ReloadAsync();
        await started.Task;
        while (!reload.IsCompleted)
        {
            // The timeout of the hook may start after the hook has signaled its start, so the clock advances repeatedly.
            _master.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.That((await reload).Outcome, Is.EqualTo(ReloadOutcome.Reloaded));
        Assert.That(_master.Logger.Names, Does.Contain("HookTimedOut"));
    }

    [Test]
    public async Task A_hook_that_throws_does_not_prevent_the_reload_of_the_workers()
    {
        _hooks.Setup(h => h.OnReloadAsync(It.IsAny<CancellationToken>())).Throws(new NotSupportedException());

        Assert.That((await _master.Coordinator.ReloadAsync()).Services.Single().Reloaded, Is.EqualTo(2));
        Assert.That(_master.Logger.Names, Does.Contain("HookFailed"));
    }

    [Test]
    public async Task A_worker_that_fails_to_reload_makes_the_outcome_Failed_with_its_reason()
    {
        _source.Values["Cotyledon:Services:Poller:MaxRestarts"] = "1";
        await _master.AnnounceChangeAsync();
        _master.OnReload = spawn =>
        {
            if (spawn == 2)
            {
                _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn));
                return;
            }

            // The worker crashes and its replacement fails to start, which exceeds MaxRestarts.
            _master.OnStart = _master.FailToStart;
            _master.Crash(spawn);
        };

        var result = await _master.Coordinator.ReloadAsync();

        Assert.That((result.Outcome, result.Services.Single().Reloaded), Is.EqualTo((ReloadOutcome.Failed, 1)));
        Assert.That(result.Errors.Single(), Does.StartWith("Poller: worker 0").And.Contain("StartFailed"));
        Assert.That(_master.Logger.Names, Does.Contain("ReloadIncomplete"));
        Assert.That(_master.Coordinator.Errors, Is.Empty, "the configuration itself is valid");
    }

    [Test]
    public async Task A_restart_replaces_the_workers_without_reading_the_configuration()
    {
        _source.Failure = new InvalidDataException("broken");

        var result = await _master.Coordinator.RestartAsync("Poller");
        await _master.EndAsync();

        Assert.That((result.Outcome, result.Services.Single().Replaced), Is.EqualTo((ReloadOutcome.Reloaded, 2)));
        Assert.That(_master.Calls.Take(4), Is.EqualTo(new[] { "start 3", "stop 1", "start 4", "assign 3" })
            .Or.EqualTo(new[] { "start 3", "stop 1", "assign 3", "start 4" }));
        _hooks.Verify(h => h.OnReloadAsync(It.IsAny<CancellationToken>()), Times.Never);
    }

    [Test]
    public async Task Without_ReloadOnChange_only_a_requested_reload_reloads()
    {
        _source.Values["Cotyledon:ReloadOnChange"] = "false";
        await _master.AnnounceChangeAsync();
        _source.Values["Key"] = "2";
        await _master.AnnounceChangeAsync();
        Assert.That(_master.Logger.Names, Does.Contain("SettingsApplied"));
        Assert.That(_master.Announced.Count(begins => begins), Is.EqualTo(1));

        var result = await _master.Coordinator.ReloadAsync();

        Assert.That(result.ChangedKeys, Is.EqualTo(new[] { "Key" }));
        Assert.That(result.Outcome, Is.EqualTo(ReloadOutcome.Reloaded));
    }

    [Test]
    public async Task The_duration_is_measured_from_the_request_to_the_end()
    {
        _master.OnReload = spawn =>
        {
            _master.Clock.Advance(TimeSpan.FromSeconds(3));
            _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn));
        };

        Assert.That((await _master.Coordinator.ReloadAsync()).Duration, Is.EqualTo(TimeSpan.FromSeconds(6)));
    }

    [Test]
    public async Task After_the_end_of_the_supervisor_a_reload_and_a_restart_fail()
    {
        await _master.EndAsync();

        foreach (var result in (ReloadResult[])[await _master.Coordinator.ReloadAsync(), await _master.Coordinator.RestartAsync("Poller")])
        {
            Assert.That(result.Outcome, Is.EqualTo(ReloadOutcome.Failed));
            Assert.That(result.Errors, Is.EqualTo(new[] { "The supervisor is stopping." }));
            Assert.That(result.Services, Is.Empty);
        }

        Assert.That(_master.Calls, Has.None.StartsWith("reload").And.None.StartsWith("start"));
    }

    [Test]
    public async Task While_the_supervisor_is_stopping_a_reload_and_a_restart_fail()
    {
        // The terminate hooks are still running.
        _master.Supervisor.Post(new SupervisorMessage.StopRequested());

        foreach (var result in (ReloadResult[])[await _master.Coordinator.ReloadAsync(), await _master.Coordinator.RestartAsync("Poller")])
        {
            Assert.That(result.Outcome, Is.EqualTo(ReloadOutcome.Failed));
            Assert.That(result.Errors, Is.EqualTo(new[] { "The supervisor is stopping." }));
        }

        Assert.That(_master.Logger.Names.Count(n => n == "ReloadAborted"), Is.EqualTo(2));
        Assert.That(_master.Logger.Names, Has.None.EqualTo("Reloaded"));
        await _master.EndAsync();
    }

    [Test]
    public async Task A_stop_during_the_reload_fails_it()
    {
        var reloading = new Pending();
        _master.OnReload = _ => reloading.TrySetResult();
        var reload = _master.Coordinator.ReloadAsync();
        await reloading.Task;

        await _master.EndAsync();

        var result = await reload;
        Assert.That((result.Outcome, result.Services.Single().Reloaded), Is.EqualTo((ReloadOutcome.Failed, 0)));
        Assert.That(result.Errors, Is.EqualTo(new[] { "The supervisor is stopping." }));
    }

    [Test]
    public async Task A_configuration_that_is_a_section_can_be_reloaded()
    {
        var source = new Source { Values = new() { ["App:Cotyledon:Services:Poller:Workers"] = "2" } };
        using var master = new Reloading(source, [], s => s.ToConfiguration().GetSection("App"));
        await master.StartAsync();

        Assert.That((await master.Coordinator.ReloadAsync()).Errors, Is.Empty);
    }
}
