using Cotyledon.Hosting.Tests.Configuration;
using Microsoft.Extensions.Logging;
using Moq;

namespace Cotyledon.Hosting.Tests.Master;

/// <summary>An invalid configuration does not affect running workers.</summary>
internal sealed class RejectedReloadTests
{
    private readonly Source _source = new()
    {
        Values = new() { ["Cotyledon:Services:Poller:Workers"] = "2", ["Cotyledon:HookTimeout"] = "00:00:10", ["Key"] = "1" },
    };

    private readonly Mock<ICotyledonHooks> _hooks = new(MockBehavior.Loose);
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

    [TestCase("InvalidData", "cut in half")]
    [TestCase("Http", "server is away")]
    [TestCase("Nested", "server is away")]
    [TestCase("BadNumber", "Cotyledon:Services:Poller:Workers is 'abc'")]
    [TestCase("OutOfRange", "Cotyledon:Services:Poller:Workers is -1")]
    [TestCase("NoServiceSection", "The section Cotyledon:Services:Poller was removed")]
    [TestCase("NoSection", "The section Cotyledon was removed")]
    public async Task Invalid_configuration_is_rejected_and_no_worker_is_affected(string kind, string error)
    {
        var before = _master.InForce;
        Break(kind);

        var result = await _master.Coordinator.ReloadAsync();
        await _master.EndAsync();

        Assert.That((result.Outcome, result.ChangedKeys.Count), Is.EqualTo((ReloadOutcome.Rejected, 0)));
        Assert.That(result.Errors, Has.Some.Contains(error));
        Assert.That(result.Services, Is.Empty);
        Assert.That(_master.Coordinator.Errors, Is.EqualTo(result.Errors));
        Assert.That(_master.InForce, Is.SameAs(before));
        Assert.That(_master.Calls, Is.EqualTo(new[] { "stop 1", "stop 2" }), "only the stops at the end of the test");
        Assert.That(_master.Announced, Is.EqualTo(new[] { true, false }));
        Assert.That(_master.Logger.Lines.Where(l => l.Level == LogLevel.Error).Select(l => l.Name),
            Is.EqualTo(new[] { "ConfigurationRejected" }));
        _hooks.Verify(h => h.OnReloadAsync(It.IsAny<CancellationToken>()), Times.Never);
    }

    [Test]
    public async Task SIGHUP_to_a_worker_does_not_reload_it_while_the_configuration_is_invalid()
    {
        Break("BadNumber");
        var result = await _master.Coordinator.ReloadWorkerAsync(1);
        await _master.EndAsync();

        Assert.That(result.Outcome, Is.EqualTo(ReloadOutcome.Rejected));
        Assert.That(_master.Calls, Is.EqualTo(new[] { "stop 1", "stop 2" }));
        Assert.That(_master.Logger.Lines.Select(l => l.Name), Does.Contain("ConfigurationRejected"));
    }

    [Test]
    public async Task SIGHUP_to_a_worker_reloads_only_that_worker_if_the_configuration_is_valid()
    {
        var result = await _master.Coordinator.ReloadWorkerAsync(2);
        await _master.EndAsync();

        Assert.That((result.Outcome, result.Services.Single().Reloaded), Is.EqualTo((ReloadOutcome.Reloaded, 1)));
        Assert.That(_master.Calls, Is.EqualTo(new[] { "reload 2", "stop 1", "stop 2" }));
    }

    [Test]
    public async Task SIGHUP_to_a_worker_does_not_reload_it_if_its_service_is_not_reloaded()
    {
        _source.Values["Cotyledon:Services:Poller:ReloadMethod"] = "None";
        await _master.Coordinator.ReloadWorkerAsync(2);
        var result = await _master.Coordinator.ReloadWorkerAsync(2);
        await _master.EndAsync();

        Assert.That((result.Outcome, result.Services.Count), Is.EqualTo((ReloadOutcome.Reloaded, 0)));
        Assert.That(_master.Calls, Is.EqualTo(new[] { "stop 1", "stop 2" }));
    }

    [Test]
    public async Task SIGHUP_to_a_worker_reloads_all_workers_if_the_configuration_has_changed()
    {
        _source.Values["Key"] = "2";
        await _master.Coordinator.ReloadWorkerAsync(2);
        await _master.CatchUpAsync();
        await _master.EndAsync();

        Assert.That(_master.Calls, Is.EqualTo(new[] { "reload 1", "reload 2", "stop 1", "stop 2" }));
    }

    [Test]
    public async Task All_errors_are_reported_together()
    {
        _source.Values["Cotyledon:Services:Poller:Workers"] = "-1";
        _source.Values["Cotyledon:HookTimeout"] = "60";

        Assert.That((await _master.Coordinator.ReloadAsync()).Errors, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task The_same_error_is_logged_once_and_a_different_error_again()
    {
        Break("BadNumber");
        await _master.AnnounceChangeAsync();
        await _master.AnnounceChangeAsync();
        Assert.That(Rejections, Is.EqualTo(1));

        Break("OutOfRange");
        await _master.AnnounceChangeAsync();
        Assert.That(Rejections, Is.EqualTo(2));
    }

    [Test]
    public async Task Every_requested_reload_logs_the_rejection()
    {
        Break("BadNumber");
        await _master.Coordinator.ReloadAsync();
        await _master.Coordinator.ReloadAsync();

        Assert.That(Rejections, Is.EqualTo(2));
    }

    [Test]
    public async Task A_valid_configuration_clears_the_errors_and_is_applied_once()
    {
        Break("InvalidData");
        await _master.AnnounceChangeAsync();
        Assert.That(_master.Coordinator.Errors, Is.Not.Empty);

        _source.Failure = null;
        _source.Values["Key"] = "2";
        await _master.AnnounceChangeAsync();
        await _master.AnnounceChangeAsync();
        await _master.EndAsync();

        Assert.That(_master.Coordinator.Errors, Is.Empty);
        Assert.That(_master.Logger.Names.Count(n => n == "ConfigurationValid"), Is.EqualTo(1));
        Assert.That(_master.Calls.Count(c => c.StartsWith("reload", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public async Task A_return_to_the_last_good_configuration_clears_the_errors_without_a_reload()
    {
        _master.Clock.Advance(TimeSpan.FromMinutes(1));
        Break("BadNumber");
        await _master.AnnounceChangeAsync();
        _source.Values["Cotyledon:Services:Poller:Workers"] = "2";
        await _master.AnnounceChangeAsync();
        await _master.EndAsync();

        Assert.That(_master.Coordinator.Errors, Is.Empty);
        Assert.That(_master.Logger.Names, Does.Contain("ConfigurationValid"));
        Assert.That(_master.Calls, Has.None.StartsWith("reload"));
    }

    [Test]
    public async Task Changes_next_to_an_error_are_applied_when_the_error_is_fixed()
    {
        Break("BadNumber");
        _source.Values["Key"] = "2";
        await _master.AnnounceChangeAsync();
        _source.Values["Cotyledon:Services:Poller:Workers"] = "2";

        var result = await _master.Coordinator.ReloadAsync();

        Assert.That(result.ChangedKeys, Is.EqualTo(new[] { "Key" }));
    }

    [Test]
    public async Task A_restart_runs_with_an_invalid_configuration_and_keeps_the_errors()
    {
        Break("BadNumber");
        await _master.Coordinator.ReloadAsync();

        Assert.That((await _master.Coordinator.RestartAsync("Poller")).Services.Single().Replaced, Is.EqualTo(2));
        Assert.That(_master.Coordinator.Errors, Is.Not.Empty);
    }

    private int Rejections => _master.Logger.Names.Count(n => n == "ConfigurationRejected");

    private void Break(string kind)
    {
        switch (kind)
        {
            case "InvalidData":
                _source.Failure = new InvalidDataException("The file is cut in half.");
                break;
            case "Http":
                _source.Failure = new HttpRequestException("The server is away.");
                break;
            case "Nested":
                _source.Failure = new InvalidOperationException(
                    "Cannot load.", new IOException("", new HttpRequestException("The server is away.")));
                break;
            case "BadNumber":
                _source.Values["Cotyledon:Services:Poller:Workers"] = "abc";
                break;
            case "OutOfRange":
                _source.Values["Cotyledon:Services:Poller:Workers"] = "-1";
                break;
            case "NoServiceSection":
                _source.Values.Remove("Cotyledon:Services:Poller:Workers");
                break;
            default:
                _source.Values = new() { ["Key"] = "1" };
                break;
        }
    }
}
