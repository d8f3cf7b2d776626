using Cotyledon.Hosting.Cluster;

namespace Cotyledon.Hosting.Tests.Cluster;

/// <summary>What an operator sees of a cluster.</summary>
internal sealed class ClusterReportTests
{
    private static readonly ClusterObservation Observation = new(
        new ClusterView(
            [Of("here", "db1", 3), Of("there", "db2", 2), Of("gone", "db3", 9, hasEnded: true)],
            [new Versioned<Roster>(new Roster { Service = "A", Ids = [new("here", 1), new("there", 1), new("gone", 1)] }, 1)]),
        "here",
        DateTimeOffset.UnixEpoch);

    [Test]
    public void Holder_of_each_worker_id_is_shown_unless_its_session_has_ended()
    {
        ServiceStatus shared = new()
        {
            Name = "A",
            Target = 1,
            Ready = 1,
            ClusterTarget = 4,
            Workers = [.. Enumerable.Range(0, 4).Select(id => new WorkerStatus { WorkerId = id, State = WorkerState.Standby })],
        };
        var holders = ClusterReport.AddTo([shared, shared with { Name = "B" }, shared with { ClusterTarget = null }], Observation)
            .Select(s => s.Workers.Select(w => w.Holder is { } h ? $"{h.Machine} {h.IsThis}" : "-"))
            .ToList();
        Assert.That(holders[0], Is.EqualTo(new[] { "db1 True", "db2 False", "-", "-" }));
        Assert.That(holders[1], Is.All.EqualTo("-"));
        Assert.That(holders[2], Is.All.EqualTo("-"));
    }

    [Test]
    public void Ids_without_a_live_holder_are_vacant() =>
        Assert.That(Observation.VacantOf(["A", "B"]), Is.EqualTo(new[] { ("A", 2) }), "the machines want three workers of A, and none of B");

    [Test]
    public void Machines_with_different_numbers_of_workers_are_named() => Assert.That(
        Observation.Disagreements(["A", "B"]).Single(),
        Is.EqualTo("A: the machines are configured with different numbers of workers; the largest number applies: 3 on db1; 2 on db2"));

    [Test]
    public void Several_services_with_different_numbers_of_workers_are_one_health_issue()
    {
        var pulses = Observation.View.Pulses.Select(p => p with
        {
            Value = p.Value with { Services = [.. p.Value.Services, p.Value.Services[0] with { Name = "B" }] },
        });
        var observation = Observation with { View = Observation.View with { Pulses = [.. pulses] } };
        var issue = ClusterReport.IssuesOf(null, observation, ["A", "B"]).Single();
        Assert.That(issue.Key, Is.EqualTo("ClusterWorkers"));
        Assert.That(issue.Problem, Does.StartWith("A: the machines").And.Contain("2 on db2; B: the machines"));
    }

    private static Versioned<Pulse> Of(string session, string machine, int workers, bool hasEnded = false) => new(
        new Pulse { Session = session, Machine = machine, ProcessId = 1, HasEnded = hasEnded, Services = [new PulseService("A", workers)] }, 1);
}
