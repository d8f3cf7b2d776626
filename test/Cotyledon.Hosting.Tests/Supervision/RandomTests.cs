using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Whatever happens in whatever order: <see cref="Invariants"/> holds, and the end of it all is as wanted.</summary>
/// <remarks>A failure names its seed and step; the same seed does the same again.</remarks>
internal sealed class RandomTests
{
    private const int Steps = 15_000;

    [Test]
    public void Whatever_happens_the_running_workers_equal_the_target_afterwards_and_are_gone_after_the_stop(
        [Range(1, 20)] int seed) => Live(seed, reloadRarity: 60);

    [Test]
    public void Whatever_happens_during_reloads_each_is_answered_once_and_its_numbers_add_up([Range(1001, 1040)] int seed) =>
        Live(seed, reloadRarity: 8);

    private static void Live(int seed, int reloadRarity)
    {
        var random = new Random(seed);
        var (step, life) = (0, 0);
        try
        {
            for (; step < Steps; life++)
            {
                var chaos = new Chaos(random, reloadRarity);
                for (var left = random.Next(1, 1500); left > 0 && !chaos.Master.State.HasStopped; left--)
                {
                    chaos.Step();
                    step++;
                }

                chaos.Master.Start();
                Calm(chaos.Master);
                if (chaos.Master.State.Phase == SupervisorPhase.Running)
                {
                    AssertRunningEqualsTarget(chaos.Master.State);
                    End(chaos.Master, random);
                }
            }
        }
        catch (Exception e)
        {
            throw new AssertionException($"Seed {seed}, life {life}, step {step}: {e.Message}", e);
        }
    }

    /// <summary>The last event has been: processes do as they are told, and time passes. Nothing else may be needed.</summary>
    private static void Calm(Master master)
    {
        master.AreAlive = true;
        // A back-off may be hours, and in the meantime workers reach their age each minute.
        for (var turns = 0; turns < 20_000; turns++)
        {
            master.Settle();
            if (master.State.HasStopped || (master.State.Phase == SupervisorPhase.Running && IsSettled(master.State)))
            {
                return;
            }

            if (master.State.NextDeadline is null)
            {
                Assert.Fail($"Something is missing, and nothing is waited for: {Describe(master.State)}");
            }

            master.AdvanceToNextDeadline();
        }

        Assert.Fail($"It does not come to rest: {Describe(master.State)}");
    }

    private static string Describe(SupervisorState state) => $"{state.Phase}; " + string.Join("; ", state.Services
        .SelectMany(s => s.Slots)
        .Select(s => $"{s.Service.Name}({s.WorkerId}) of {s.Service.Target} is {s.State}, operation: {s.Operation is not null}, "
            + $"successor: {s.Successor?.State}, wants replacement: {s.WantsReplacement}"));

    private static bool IsSettled(SupervisorState state) =>
        state.Operation is null && state.Services.All(s => s.Unsettled == 0 && s.Slots.All(slot =>
            slot.Successor is null && !(slot.WantsReplacement && slot.IsInTarget && !slot.IsGivenUp)));

    private static void AssertRunningEqualsTarget(SupervisorState state)
    {
        foreach (var slot in state.Services.SelectMany(s => s.Slots))
        {
            var wanted = slot.IsInTarget && !slot.IsGivenUp;
            Assert.That(slot.WantsReplacement && wanted, Is.False, "a replacement is forgotten");
            if (slot.Process is { Works: true } != wanted || slot.Process is not null != wanted)
            {
                Assert.Fail($"Slot {slot.WorkerId} of {slot.Service.Name} is {slot.State}; wanted: {wanted}.");
            }
        }
    }

    private static void End(Master master, Random random)
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

        Calm(master);
        Assert.That(master.State.HasStopped);
        Assert.That(master.State.Processes, Is.Empty);
    }
}
