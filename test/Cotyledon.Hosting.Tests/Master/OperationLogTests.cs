using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Tests.Configuration;

namespace Cotyledon.Hosting.Tests.Master;

/// <summary>The reloads and restarts that the manager lists. Services Poller, with two workers, and Sender, with none.</summary>
internal sealed class OperationLogTests
{
    private readonly Source _source = new() { Values = new() { ["Cotyledon:Services:Poller:Workers"] = "2" } };
    private readonly Pending _reloading = new();
    private Reloading _master = null!;

    [SetUp]
    public async Task SetUp()
    {
        _master = new Reloading(_source, []);
        await _master.StartAsync();
    }

    [TearDown]
    public void TearDown() => _master.Dispose();

    private IReadOnlyList<OperationStatus> Operations => _master.Coordinator.GetOperations();

    [Test]
    public async Task Completed_reload_has_its_steps_its_result_and_its_requester()
    {
        var result = await _master.Coordinator.ReloadAsync("SIGHUP");

        var operation = Operations.Single();
        Assert.That(
            (operation.Id, operation.Kind, operation.RequestedBy.Single(), operation.Service, operation.WorkerId),
            Is.EqualTo((1, OperationKind.Reload, "SIGHUP", (string?)null, (int?)null)));
        Assert.That((operation.Total, operation.Done, operation.Result), Is.EqualTo((2, 2, result)));
        Assert.That((operation.RequestedAt, operation.CompletedAt), Is.EqualTo((DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)));
        Assert.That(operation.Steps.Select(s => (s.WorkerId, s.Kind)), Is.EquivalentTo(new[]
        {
            (0, OperationStepKind.Reloaded), (1, OperationStepKind.Reloaded),
        }));
    }

    [Test]
    public async Task Running_operation_shows_its_progress_and_those_that_wait_are_listed_first()
    {
        var reloading = BlockReloads();
        var first = _master.Coordinator.ReloadAsync();
        await _reloading.Task;
        var second = _master.Coordinator.RestartAsync("Poller", 1);

        Assert.That(
            Operations.Select(o => (o.Id, o.Kind, o.Service, o.WorkerId, o.Total, o.Done, o.CompletedAt)),
            Is.EqualTo(new[]
            {
                (2, OperationKind.Restart, "Poller", (int?)1, 0, 0, (DateTimeOffset?)null), (1, OperationKind.Reload, null, null, 2, 0, null),
            }));

        _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(reloading[0]));
        await UntilAsync(() => Operations[1].Done == 1);
        Assert.That(Operations[1].Steps, Has.Count.EqualTo(1));
        _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(reloading[1]));
        await first;
        await second;

        Assert.That(Operations.Select(o => (o.Id, o.Done, o.Result?.Outcome)), Is.EqualTo(new[]
        {
            (2, 1, ReloadOutcome.Reloaded), (1, 2, ReloadOutcome.Reloaded),
        }));
    }

    [Test]
    public async Task Change_of_a_file_that_switches_ReloadOnChange_off_is_listed_while_it_is_applied()
    {
        _source.Values["Cotyledon:ReloadOnChange"] = "false";
        _source.Values["Key"] = "new";
        var reloading = BlockReloads();
        _master.Source.Announce();
        _master.Clock.Advance(TimeSpan.FromMilliseconds(200));
        await _reloading.Task;

        Assert.That(Operations.Single().Result, Is.Null);
        reloading.ForEach(spawn => _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn)));
        await _master.CatchUpAsync();
        Assert.That(Operations[^1].Result!.Outcome, Is.EqualTo(ReloadOutcome.Reloaded));
    }

    [TestCase("true", 2)]
    [TestCase("false", 1)]
    public async Task Change_of_a_file_waits_for_an_operation_only_if_it_may_reload(string reloadOnChange, int listed)
    {
        _source.Values["Cotyledon:ReloadOnChange"] = reloadOnChange;
        await _master.Coordinator.ReloadAsync();
        var reloading = BlockReloads();
        var reload = _master.Coordinator.ReloadAsync();
        await _reloading.Task;

        _master.Source.Announce();
        _master.Clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.That(Operations.Count(o => o.Result is null), Is.EqualTo(listed));

        reloading.ForEach(spawn => _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn)));
        await reload;
    }

    [Test]
    public async Task Requests_that_share_an_operation_are_all_named()
    {
        var reloading = BlockReloads();
        var first = _master.Coordinator.ReloadAsync();
        await _reloading.Task;
        Task second;
        using (ControlRequester.Use("page user doe, jo"))
        {
            second = _master.Coordinator.ReloadAsync();
        }

        _ = _master.Coordinator.ReloadAsync("SIGHUP");
        _ = _master.Coordinator.ReloadAsync("SIGHUP");
        Assert.That(Operations.Select(o => o.RequestedBy), Is.EqualTo(new string[][] { ["page user doe, jo", "SIGHUP"], ["code"] }));

        _master.OnReload = spawn => _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn));
        reloading.ForEach(spawn => _master.Supervisor.Post(new SupervisorMessage.WorkerReloaded(spawn)));
        await first;
        await second;
    }

    [Test]
    public async Task Change_of_a_file_is_listed_if_it_changes_or_breaks_something()
    {
        await _master.AnnounceChangeAsync();
        Assert.That(Named("file change"), Is.Empty);

        _source.Values["Key"] = "new";
        await _master.AnnounceChangeAsync();
        _source.Values["Cotyledon:Services:Poller:Workers"] = "x";
        await _master.AnnounceChangeAsync();

        Assert.That(Named("file change"), Is.EqualTo(new[] { ReloadOutcome.Rejected, ReloadOutcome.Reloaded }));
    }

    [Test]
    public async Task Reload_that_a_worker_requests_names_the_worker()
    {
        await _master.Coordinator.ReloadWorkerAsync(2);

        var operation = Operations.Single();
        Assert.That(
            (operation.Kind, operation.Service, operation.WorkerId, operation.RequestedBy.Single(), operation.Done),
            Is.EqualTo((OperationKind.Reload, "Poller", 1, "worker Poller/1", 1)));
    }

    [Test]
    public async Task Last_32_operations_are_kept()
    {
        for (var i = 0; i < 40; i++)
        {
            await _master.Coordinator.RestartAsync("Sender");
        }

        Assert.That(Operations.Select(o => o.Id), Is.EqualTo(Enumerable.Range(9, 32).Reverse()));
    }

    private IEnumerable<ReloadOutcome?> Named(string requester) => Operations.Where(o => o.RequestedBy.Contains(requester)).Select(o => o.Result?.Outcome);

    /// <summary>Lets no worker complete its reload. Returns the workers that reload.</summary>
    private List<int> BlockReloads()
    {
        List<int> reloading = [];
        _master.OnReload = spawn =>
        {
            reloading.Add(spawn);
            if (reloading.Count == 2)
            {
                _reloading.SetResult();
            }
        };
        return reloading;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }
}
