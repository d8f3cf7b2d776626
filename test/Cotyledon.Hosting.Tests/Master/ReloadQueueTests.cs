using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Tests.Configuration;

namespace Cotyledon.Hosting.Tests.Master;

/// <summary>Requests that arrive while a reload runs.</summary>
internal sealed class ReloadQueueTests
{
    private readonly Source _source = new() { Values = new() { ["Cotyledon:Services:Poller:Workers"] = "2" } };
    private readonly Pending _bothReloading = new();
    private readonly List<int> _reloading = [];
    private Reloading _master = null!;

    [SetUp]
    public async Task SetUp()
    {
        _master = new Reloading(_source, []);
        await _master.StartAsync();
        _master.OnReload = spawn =>
        {
            _reloading.Add(spawn);
            if (_reloading.Count == 2)
            {
                _bothReloading.SetResult();
            }
        };
    }

    [TearDown]
    public void TearDown() => _master.Dispose();

    [Test]
    public async Task Requests_during_a_reload_share_one_queued_reload()
    {
        var first = _master.Coordinator.ReloadAsync();
        await _bothReloading.Task;

        var others = Enumerable.Range(0, 1000).Select(_ => _master.Coordinator.ReloadAsync()).ToList();
        Assert.That(others.Distinct().Count(), Is.EqualTo(1));
        Assert.That(others[0], Is.Not.SameAs(first));
        CompleteReloads();
        await first;
        await others[0];
        await _master.EndAsync();

        Assert.That(_master.Calls.Count(c => c.StartsWith("reload", StringComparison.Ordinal)), Is.EqualTo(4));
    }

    [Test]
    public async Task The_queued_reload_reads_later_changes()
    {
        var first = _master.Coordinator.ReloadAsync();
        await _bothReloading.Task;
        var second = _master.Coordinator.ReloadAsync();
        _source.Values["Key"] = "late";
        CompleteReloads();

        Assert.That((await first).ChangedKeys, Is.Empty);
        Assert.That((await second).ChangedKeys, Is.EqualTo(new[] { "Key" }));
    }

    [Test]
    public async Task A_change_detected_during_a_reload_joins_a_requested_reload()
    {
        var first = _master.Coordinator.ReloadAsync();
        await _bothReloading.Task;
        var loads = _source.Loads;
        _source.Announce();
        _master.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = _master.Coordinator.ReloadAsync();
        CompleteReloads();
        await first;

        Assert.That((await second).Outcome, Is.EqualTo(ReloadOutcome.Reloaded), "although nothing has changed");
        await _master.CatchUpAsync();
        Assert.That(_source.Loads, Is.EqualTo(loads + 1));
    }

    [Test]
    public async Task Restarts_are_combined_only_for_the_same_service()
    {
        var first = _master.Coordinator.ReloadAsync();
        await _bothReloading.Task;
        var poller = _master.Coordinator.RestartAsync("Poller");
        var sender = _master.Coordinator.RestartAsync("Sender");
        var all = _master.Coordinator.ReloadAsync();

        Assert.That(_master.Coordinator.RestartAsync("Poller"), Is.SameAs(poller));
        Assert.That(new[] { first, poller, sender, all }, Is.Unique);
        CompleteReloads();
        Assert.That((await poller).Services.Single().Replaced, Is.EqualTo(2));
        Assert.That((await sender).Services, Is.Empty);
        Assert.That((await all).Services.Single().Reloaded, Is.EqualTo(2));
    }

    [Test]
    public async Task An_unexpected_exception_fails_the_reload_and_the_next_request_still_runs()
    {
        var runs = 0;
        var queue = new ReloadQueue(
            TimeProvider.System,
            _ => ++runs == 1 ? throw new NotSupportedException("an error") : Task.FromResult(new ReloadResult
            {
                Outcome = ReloadOutcome.Unchanged,
                ChangedKeys = [],
                Services = [],
                Errors = [],
                Duration = TimeSpan.Zero,
            }),
            _master.Logger);

        Assert.That(() => queue.AddAsync(new ReloadAction.ReloadServices(), isForced: true), Throws.TypeOf<NotSupportedException>());
        Assert.That(() => _master.Logger.Names, Does.Contain("ReloadError").After(10_000, 10));
        await queue.AddAsync(new ReloadAction.ReloadServices(), isForced: true).WaitAsync(TimeSpan.FromSeconds(10));
    }

    private void CompleteReloads()
    {
        _master.OnReload = spawn => _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn));
        _reloading.ForEach(spawn => _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn)));
    }
}
