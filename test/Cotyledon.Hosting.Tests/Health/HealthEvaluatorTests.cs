using Cotyledon.Hosting.Health;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cotyledon.Hosting.Tests.Health;

internal sealed class HealthEvaluatorTests
{
    private static readonly WorkerExit Faulted = Exits.Faulted with { WorkerId = 2 };

    private static readonly WorkerExit Killed = Faulted with { Reason = WorkerExitReason.Signaled, ExitCode = null, Signal = 9 };

    private static IEnumerable<TestCaseData> Workers()
    {
        yield return Case(WorkerState.GivenUp, 0, Faulted, HealthStatus.Unhealthy, "was given up (Faulted, exit code 2)");
        yield return Case(WorkerState.BackingOff, 3, Faulted, HealthStatus.Unhealthy, "failed to start 3 times (Faulted, exit code 2)");
        yield return Case(WorkerState.Starting, 7, Killed, HealthStatus.Unhealthy, "failed to start 7 times (Signaled, SIGKILL)");
        yield return Case(WorkerState.BackingOff, 2, Killed, HealthStatus.Degraded, "waits for its restart (Signaled, SIGKILL)");
        yield return Case(WorkerState.Starting, 2, null, HealthStatus.Degraded, "is starting");
        yield return Case(WorkerState.Assigned, 0, null, HealthStatus.Degraded, "is starting");
        yield return Case(WorkerState.Pending, 0, null, HealthStatus.Degraded, "is starting");
        yield return Case(WorkerState.Stopping, 0, null, HealthStatus.Degraded, "is stopping");
        yield return Case(WorkerState.Killed, 0, null, HealthStatus.Degraded, "is stopping");
    }

    private static TestCaseData Case(WorkerState state, int failedStarts, WorkerExit? exit, HealthStatus status, string description) =>
        new(new MissingWorker(2, state, failedStarts, exit), status, description);

    [TestCaseSource(nameof(Workers))]
    public void A_missing_worker_is_named_with_its_last_exit(object worker, HealthStatus status, string description)
    {
        var snapshot = Running(new ServiceHealth("Poller", 4, 3) { Missing = [(MissingWorker)worker] });
        foreach (var isReadiness in (bool[])[false, true])
        {
            var result = HealthEvaluator.Evaluate(snapshot, isReadiness);
            Assert.That((result.Status, result.Description), Is.EqualTo((status, $"Poller: 3/4 ready, worker 2 {description}")));
        }
    }

    [TestCase(true, false, "the cluster store has not been reached yet")]
    [TestCase(false, true, "the lease of the cluster has ended, so its workers do not run here")]
    public void Program_without_its_cluster_is_not_ready_but_a_restart_would_not_help(bool isStarting, bool isLeaseLost, string description)
    {
        var snapshot = Running(new ServiceHealth("Poller", 0, 0)) with { IsClusterReached = !isStarting, IsLeaseLost = isLeaseLost };
        var (live, ready) = (HealthEvaluator.Evaluate(snapshot, isReadiness: false), HealthEvaluator.Evaluate(snapshot, isReadiness: true));
        Assert.That((live.Status, live.Description), Is.EqualTo((HealthStatus.Degraded, description)));
        Assert.That((ready.Status, ready.Description), Is.EqualTo((HealthStatus.Unhealthy, description)));
    }

    [Test]
    public void All_workers_ready_or_none_configured_is_healthy()
    {
        var result = HealthEvaluator.Evaluate(Running(new("Poller", 4, 4), new("Sender", 0, 0)), isReadiness: true);

        Assert.That((result.Status, result.Description), Is.EqualTo((HealthStatus.Healthy, "All workers are ready.")));
    }

    [TestCase(SupervisorPhase.NotStarted, "the supervisor has not started yet")]
    [TestCase(SupervisorPhase.Terminating, "the program is stopping")]
    [TestCase(SupervisorPhase.Stopping, "the program is stopping")]
    [TestCase(SupervisorPhase.Stopped, "the program is stopping")]
    public void Before_the_start_and_during_the_stop_the_program_is_live_but_not_ready(object phase, string description)
    {
        var snapshot = Running(new ServiceHealth("Poller", 1, 0) { Missing = [new(0, WorkerState.GivenUp)] }) with
        {
            Phase = (SupervisorPhase)phase,
        };

        AssertStatus(snapshot, HealthStatus.Degraded, HealthStatus.Unhealthy, description);
    }

    [Test]
    public void The_program_is_not_ready_until_all_services_have_been_ready()
    {
        var snapshot = Running(new ServiceHealth("Poller", 1, 0) { Missing = [new(0, WorkerState.Starting)] }) with { WasReady = false };

        AssertStatus(
            snapshot, HealthStatus.Degraded, HealthStatus.Unhealthy,
            "not all services have been ready yet; Poller: 0/1 ready, worker 0 is starting");
    }

    [Test]
    public void An_invalid_configuration_and_a_queue_problem_make_the_program_degraded()
    {
        var snapshot = Running(new ServiceHealth("Poller", 1, 1)) with
        {
            ConfigurationErrors = ["the first", "the second"],
            HealthIssues = [new() { Key = "Queues:samples", Subject = "queue 'samples'", Problem = "no server\nanswers" }],
        };

        AssertStatus(
            snapshot, HealthStatus.Degraded, HealthStatus.Degraded,
            "configuration rejected, the last valid one is in use: the first (and 1 more); queue 'samples': no server answers");
        Assert.That(HealthEvaluator.Evaluate(snapshot, true).Data, Is.EquivalentTo(new Dictionary<string, object>
        {
            ["Services:Poller"] = "1/1 ready",
            ["Configuration"] = "the first the second",
            ["Queues:samples"] = "no server\nanswers",
        }));
    }

    [Test]
    public void The_worst_service_comes_first_and_determines_the_status()
    {
        var snapshot = Running(
            new("Poller", 1, 0) { Missing = [new(0, WorkerState.Starting)] },
            new("Sender", 1, 0) { Missing = [new(0, WorkerState.GivenUp)] });

        AssertStatus(
            snapshot, HealthStatus.Unhealthy, HealthStatus.Unhealthy,
            "Sender: 0/1 ready, worker 0 was given up; Poller: 0/1 ready, worker 0 is starting");
    }

    [Test]
    public void Of_many_missing_workers_three_are_named_and_given_up_ones_first()
    {
        var missing = Enumerable.Range(0, 50).Select(id => new MissingWorker(id, id == 30 ? WorkerState.GivenUp : WorkerState.Pending));
        var result = HealthEvaluator.Evaluate(Running(new ServiceHealth("Poller", 50, 0) { Missing = [.. missing] }), isReadiness: false);

        Assert.That(
            result.Description,
            Is.EqualTo("Poller: 0/50 ready, worker 30 was given up, worker 0 is starting, worker 1 is starting, 47 more"));
    }

    [Test]
    public void The_data_of_a_service_lists_its_states_and_its_last_exit()
    {
        var service = new ServiceHealth("Poller", 3, 2)
        {
            ByState = new Dictionary<WorkerState, int>
            {
                [WorkerState.Ready] = 2,
                [WorkerState.BackingOff] = 1,
                [WorkerState.Idle] = 0,
            },
            LastExit = Killed,
        };

        Assert.That(
            HealthEvaluator.Evaluate(Running(service), isReadiness: false).Data["Services:Poller"],
            Is.EqualTo("2/3 ready; BackingOff 1, Ready 2; last exit: worker 2, Signaled, SIGKILL"));
    }

    private static HealthSnapshot Running(params ServiceHealth[] services) =>
        new() { Phase = SupervisorPhase.Running, WasReady = true, Services = services };

    private static void AssertStatus(HealthSnapshot snapshot, HealthStatus live, HealthStatus ready, string description)
    {
        var results = new[] { HealthEvaluator.Evaluate(snapshot, isReadiness: false), HealthEvaluator.Evaluate(snapshot, isReadiness: true) };
        Assert.That(results.Select(r => r.Status), Is.EqualTo(new[] { live, ready }));
        Assert.That(results.Select(r => r.Description), Is.All.EqualTo(description));
    }
}
