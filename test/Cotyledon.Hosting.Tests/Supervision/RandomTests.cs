using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>After random messages in random order, <see cref="Invariants"/> hold, and the supervisor reaches its target.</summary>
/// <remarks>A failure names its seed and step; the same seed repeats the same run.</remarks>
[Parallelizable(ParallelScope.All)]
internal sealed class RandomTests
{
    private const int Steps = 15_000;

    [Test, Category("Guarantee 1"), Category("Guarantee 2")]
    public void Running_workers_equal_the_target_after_random_messages_and_exit_after_the_stop(
        [Range(1, 6)] int seed) => Run(seed, reloadRarity: 60);

    [Test, Category("Long"), Category("Guarantee 1"), Category("Guarantee 2")]
    public void Running_workers_equal_the_target_after_more_random_messages_and_exit_after_the_stop(
        [Range(7, 20)] int seed) => Run(seed, reloadRarity: 60);

    [Test, Category("Guarantee 1")]
    public void Each_reload_among_random_messages_is_answered_once_with_consistent_counts([Range(1001, 1003)] int seed) =>
        Run(seed, reloadRarity: 8);

    [Test, Category("Long"), Category("Guarantee 1")]
    public void Each_reload_among_more_random_messages_is_answered_once_with_consistent_counts([Range(1004, 1040)] int seed) =>
        Run(seed, reloadRarity: 8);

    private static void Run(int seed, int reloadRarity)
    {
        var random = new Random(seed);
        var (step, run) = (0, 0);
        try
        {
            for (; step < Steps; run++)
            {
                var chaos = new Chaos(random, reloadRarity);
                for (var left = random.Next(1, 1500); left > 0 && !chaos.Master.State.HasStopped; left--)
                {
                    chaos.Step();
                    step++;
                }

                chaos.Master.Start();
                SettleOverTime(chaos.Master);
                if (chaos.Master.State.Phase == SupervisorPhase.Running)
                {
                    AssertRunningEqualsTarget(chaos.Master.State);
                    StopAndCheck(chaos.Master, random);
                }
            }
        }
        catch (Exception e)
        {
            throw new AssertionException($"Seed {seed}, run {run}, step {step}: {e.Message}", e);
        }
    }

    /// <summary>Settles all processes and lets time pass. Nothing else may be needed to reach the target.</summary>
    private static void SettleOverTime(Master master)
    {
        master.AreAlive = true;
        // A back-off may last hours, and meanwhile workers reach their MaxAge every minute.
        for (var turns = 0; turns < 20_000; turns++)
        {
            master.Settle();
            if (master.State.HasStopped || (master.State.Phase == SupervisorPhase.Running && IsSettled(master.State)))
            {
                return;
            }

            if (master.State.NextDeadline is null)
            {
                Assert.Fail($"The target is not reached, and no deadline is pending: {Describe(master.State)}");
            }

            master.AdvanceToNextDeadline();
        }

        Assert.Fail($"The state does not settle: {Describe(master.State)}");
    }

    private static string Describe(SupervisorState state) => $"{state.Phase}; " + string.Join("; ", state.Services
        .SelectMany(s => s.Slots)
        .Select(s => $"{s.Service.Name}({s.WorkerId}) of {s.Service.Target} is {s.State}, operation: {s.Operation is not null}, "
            + $"successor: {s.Successor?.State}, wants replacement: {s.Replacement.IsWanted}"));

    private static bool IsSettled(SupervisorState state) =>
        state.Operation is null && state.Services.All(s => s.Unsettled == 0 && s.Slots.All(slot =>
            slot.Successor is null && !(slot.Replacement.IsWanted && slot.IsInTarget && !slot.IsGivenUp)));

    private static void AssertRunningEqualsTarget(SupervisorState state)
    {
        foreach (var slot in state.Services.SelectMany(s => s.Slots))
        {
            var wanted = slot.IsInTarget && !slot.IsGivenUp;
            Assert.That(slot.Replacement.IsWanted && wanted, Is.False, "a requested replacement is missing");
            if (slot.Process is { Works: true } != wanted || slot.Process is not null != wanted)
            {
                Assert.Fail($"Slot {slot.WorkerId} of {slot.Service.Name} is {slot.State}; wanted: {wanted}.");
            }
        }
    }

    private static void StopAndCheck(Master master, Random random)
    {
        if (random.Next(4) == 0)
        {
            master.FastStop();
        }
        else
        {
            master.Stop();
        }

        if (random.Next(2) == 0)
        {
            master.HooksCompleted();
        }

        SettleOverTime(master);
        Assert.That(master.State.HasStopped);
        Assert.That(master.State.Processes, Is.Empty);
    }
}
