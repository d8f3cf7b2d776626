using System.Diagnostics;
using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Random faults in a random order, and the guarantees that must hold.</summary>
[Category("Chaos"), Category("Long"), NonParallelizable]
public class ChaosTests
{
    private const int ShortRun = 24;
    private const int LongRun = 120;
    private const int MaxFailures = 10;

    /// <summary>Two fixed seeds and a new one, which the output names.</summary>
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(null)]
    [Category("Guarantee 2")]
    public Task Guarantees_hold_under_random_faults(int? seed) => RunAsync(seed ?? FreshSeed());

    /// <summary>
    /// For <c>dotnet cake --target=Chaos --minutes=30 --seed=7</c>: one seed after the other, or only the given one.
    /// </summary>
    [Test]
    [Explicit("Takes as long as CHAOS_MINUTES says.")]
    public async Task The_guarantees_hold_for_a_long_time()
    {
        var watch = Stopwatch.StartNew();
        var minutes = TimeSpan.FromMinutes(Number("CHAOS_MINUTES") ?? 10);
        var given = Number("CHAOS_SEED");
        var failures = new List<string>();
        for (var seed = given ?? FreshSeed(); watch.Elapsed < minutes && failures.Count < MaxFailures; seed = given ?? seed + 1)
        {
            try
            {
                await RunAsync(seed);
            }
            catch (ChaosException e)
            {
                TestContext.Progress.WriteLine(e.Message);
                failures.Add(e.Message);
            }
        }

        Assert.That(failures, Is.Empty, () => string.Join(Environment.NewLine, failures));
    }

    /// <summary>The seeds of the test cases above always have the same number of steps.</summary>
    private static int Steps(int seed) => seed < 1000 || seed % 4 != 0 ? ShortRun : LongRun;

    private static int FreshSeed() => (int)(DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond % 1_000_000_000);

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static async Task RunAsync(int seed)
    {
        using var run = new ChaosRun(seed, Steps(seed));
        try
        {
            await run.RunAsync();
        }
        finally
        {
            TestContext.Progress.WriteLine(run.Tally);
            TestContext.Out.WriteLine(run.Tally);
        }
    }
}
