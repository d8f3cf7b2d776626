using Cotyledon.Hosting.Cluster.Tests.Simulation;

namespace Cotyledon.Hosting.Cluster.Tests;

/// <summary>Random faults in virtual time: at most one worker per id, and incarnations that only grow.</summary>
internal sealed class SimulationTests
{
    [TestCase(300)]
    [TestCase(2_000, Category = "Long")]
    [TestCase(10_000, Explicit = true, Reason = "Takes two minutes.")]
    public void No_seed_violates_a_guarantee(int seeds)
    {
        var starts = 0L;
        Parallel.For(0, seeds, (seed, state) =>
        {
            var world = new World(seed, Mutant.None);
            world.Run();
            Interlocked.Add(ref starts, world.Starts);
            if (world.Violation is { } violation)
            {
                state.Stop();
                Assert.Fail($"seed {seed}: {violation}\n{world.Describe()}");
            }
        });

        TestContext.Out.WriteLine($"{seeds} seeds, {starts} workers started");
    }

    [TestCase(Mutant.NoMargin)]
    [TestCase(Mutant.EarlyRelease)]
    [TestCase(Mutant.BrokenCompareAndSwap)]
    [TestCase(Mutant.LeaseFromAnswer, Category = "Long")]
    [TestCase(Mutant.NoDeclaration)]
    [TestCase(Mutant.NoNewerClaim)]
    public void Mistake_is_found(object mutant)
    {
        var found = false;
        Parallel.For(0, 3000, (seed, state) =>
        {
            var world = new World(seed, (Mutant)mutant);
            world.Run();
            if (world.Violation is { } violation)
            {
                TestContext.Out.WriteLine($"seed {seed}: {violation}");
                found = true;
                state.Stop();
            }
        });

        Assert.That(found, $"{mutant} was not found.");
    }
}
