using BenchmarkDotNet.Attributes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Benchmarks.Runner.Micro;

/// <summary>What a decision costs, which is to be the same for any number of slots.</summary>
public class DecideBenchmarks
{
    private Fleet _fleet = null!;
    private SupervisorMessage _beat = null!;

    [Params(20, 10_000)]
    public int Slots { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _fleet = new Fleet(Slots);
        _beat = new SupervisorMessage.WorkerIsAlive(_fleet.ProcessIn(Slots / 2).Spawn);
    }

    [Benchmark]
    public int Beat() => _fleet.Send(_beat).Count;

    /// <summary>Five messages: exited, started, hello, ready, and a look at what is due.</summary>
    [Benchmark]
    public int ExitAndRespawn() => _fleet.Respawn();
}
