using System.Collections.Concurrent;
using Cotyledon.Hosting.Launching;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Launching;

internal sealed class ProcessInspectorTests
{
    private const int Capacity = 1000;
    private const int Last = 9999;

    private readonly ConcurrentQueue<int> _measured = new();
    private readonly TaskCompletionSource _isBlocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test, CancelAfter(60_000)]
    public async Task Queue_does_not_grow_without_bound_while_an_inspection_is_blocked(CancellationToken cancellationToken)
    {
        using var inspector = new ProcessInspector(Report);
        Measure(inspector, 0);
        await _isBlocked.Task.WaitAsync(cancellationToken);
        for (var spawn = 1; spawn <= 2 * Capacity; spawn++)
        {
            Measure(inspector, spawn);
        }

        _release.SetResult();
        Assert.That(() => _measured.Count, Is.GreaterThan(Capacity).After(30_000, 10));
        Measure(inspector, Last);
        Assert.That(() => _measured.Contains(Last), Is.True.After(30_000, 10));
        Assert.That(_measured, Is.EqualTo(Enumerable.Range(0, 1 + Capacity).Append(Last)));
    }

    [Test, CancelAfter(60_000)]
    public async Task Process_is_not_measured_again_before_its_measurement_is_done(CancellationToken cancellationToken)
    {
        using var inspector = new ProcessInspector(Report);
        Measure(inspector, 0);
        await _isBlocked.Task.WaitAsync(cancellationToken);
        for (var i = 0; i < 10; i++)
        {
            Measure(inspector, 0);
            Measure(inspector, 1);
        }

        _release.SetResult();
        Measure(inspector, Last);
        Assert.That(() => _measured.Contains(Last), Is.True.After(30_000, 10));
        Assert.That(_measured, Is.EqualTo(new[] { 0, 1, Last }));

        Measure(inspector, 0);
        Assert.That(() => _measured.Count, Is.EqualTo(4).After(30_000, 10));
    }

    private static void Measure(ProcessInspector inspector, int spawn) =>
        inspector.MeasureMemory(spawn, Environment.ProcessId, long.MaxValue);

    private void Report(SupervisorMessage message)
    {
        _isBlocked.TrySetResult();
        _release.Task.Wait();
        _measured.Enqueue(((SupervisorMessage.WorkerMemoryMeasured)message).Spawn);
    }
}
