using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Tests.Configuration;

namespace Cotyledon.Hosting.Tests.Master;

/// <summary>Requests that come while a reload runs.</summary>
internal sealed class ReloadQueueTests
{
    private readonly Source _source = new() { Values = new() { ["Cotyledon:Services:Poller:Workers"] = "2" } };
    private readonly Pending _told = new();
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
                _told.SetResult();
            }
        };
    }

    [TearDown]
    public void TearDown() => _master.Dispose();

    [Test]
    public async Task Requests_that_come_while_one_runs_join_one_that_waits()
    {
        var first = _master.Coordinator.ReloadAsync();
        await _told.Task;

        var others = Enumerable.Range(0, 1000).Select(_ => _master.Coordinator.ReloadAsync()).ToList();
        Assert.That(others.Distinct().Count(), Is.EqualTo(1));
        Assert.That(others[0], Is.Not.SameAs(first));
        LetWorkersGoOn();
        await first;
        await others[0];
        await _master.EndAsync();

        Assert.That(_master.Calls.Count(c => c.StartsWith("reload", StringComparison.Ordinal)), Is.EqualTo(4));
    }

    [Test]
    public async Task The_one_that_waits_reads_what_has_changed_meanwhile()
    {
        var first = _master.Coordinator.ReloadAsync();
        await _told.Task;
        var second = _master.Coordinator.ReloadAsync();
        _source.Values["Key"] = "late";
        LetWorkersGoOn();

        Assert.That((await first).ChangedKeys, Is.Empty);
        Assert.That((await second).ChangedKeys, Is.EqualTo(new[] { "Key" }));
    }

    [Test]
    public async Task A_change_that_is_noticed_while_one_runs_joins_a_reload_on_purpose()
    {
        var first = _master.Coordinator.ReloadAsync();
        await _told.Task;
        var loads = _source.Loads;
        _source.Announce();
        _master.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = _master.Coordinator.ReloadAsync();
        LetWorkersGoOn();
        await first;

        Assert.That((await second).Outcome, Is.EqualTo(ReloadOutcome.Reloaded), "though nothing has changed");
        await _master.CatchUpAsync();
        Assert.That(_source.Loads, Is.EqualTo(loads + 1));
    }

    [Test]
    public async Task Restarts_join_those_of_the_same_service_only()
    {
        var first = _master.Coordinator.ReloadAsync();
        await _told.Task;
        var poller = _master.Coordinator.RestartAsync("Poller");
        var sender = _master.Coordinator.RestartAsync("Sender");
        var all = _master.Coordinator.ReloadAsync();

        Assert.That(_master.Coordinator.RestartAsync("Poller"), Is.SameAs(poller));
        Assert.That(new[] { first, poller, sender, all }, Is.Unique);
        LetWorkersGoOn();
        Assert.That((await poller).Services.Single().Replaced, Is.EqualTo(2));
        Assert.That((await sender).Services, Is.Empty);
        Assert.That((await all).Services.Single().Reloaded, Is.EqualTo(2));
    }

    [Test]
    public async Task A_reload_that_breaks_unexpectedly_fails_its_callers_and_the_next_one_has_its_turn()
    {
        _master.OnReload = spawn => _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn));
        using var broken = new Reloading(_source, []) { OnAnnounce = _ => throw new NotSupportedException("a mistake") };
        await broken.StartAsync();

        Assert.That(() => broken.Coordinator.ReloadAsync(), Throws.TypeOf<NotSupportedException>());
        Assert.That(() => broken.Logger.Names, Does.Contain("ReloadBroke").After(10_000, 10));
        Assert.That((await broken.Coordinator.RestartAsync("Poller")).Services.Single().Replaced, Is.EqualTo(2));
    }

    private void LetWorkersGoOn()
    {
        _master.OnReload = spawn => _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn));
        _reloading.ForEach(spawn => _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn)));
    }
}
