using BenchmarkDotNet.Attributes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Benchmarks.Runner.Micro;

/// <summary>The cost of a decision, which must be the same for any number of slots.</summary>
public class DecideBenchmarks
{
    private Fleet _fleet = null!;
    private SupervisorMessage _heartbeat = null!;

    [Params(20, 10_000)]
    public int Slots { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _fleet = new Fleet(Slots);
        _heartbeat = new SupervisorMessage.WorkerIsAlive(_fleet.ProcessIn(Slots / 2).Spawn);
    }

    [Benchmark]
    public int Heartbeat() => _fleet.Send(_heartbeat).Count;

    /// <summary>Five messages: exited, started, hello, ready, and time passed.</summary>
    [Benchmark]
    public int ExitAndRespawn() => _fleet.Respawn();
}
