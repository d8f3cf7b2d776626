namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>The steps of a run. The same seed gives the same steps.</summary>
internal static class Scenario
{
    public static IReadOnlyList<Step> Create(int seed, int steps, IReadOnlyList<string> services)
    {
        var random = new Random(seed);

        // In some runs the master is never ended: slow growth needs time to show.
        var faults = random.Next(3) == 0 ? Faults.OfWorkers : [.. Faults.OfWorkers, .. Faults.OfMasters];
        var result = new List<Step>();
        var untilQuiet = random.Next(4, 10);
        while (result.Count < steps)
        {
            var isQuiet = untilQuiet-- == 0;
            untilQuiet = isQuiet ? random.Next(4, 10) : untilQuiet;
            result.Add(Create(random, result.Count + 1, isQuiet ? Faults.Quiet : Pick(random, faults), services));
        }

        result.Add(Create(random, result.Count + 1, Faults.Quiet, services));
        return result;
    }

    private static Step Create(Random random, int number, Fault fault, IReadOnlyList<string> services)
    {
        var service = services[random.Next(services.Count)];

        // Mostly short, sometimes long enough for an operation to finish.
        var pause = Math.Pow(random.NextDouble(), 3) * 1200;
        return new Step(number, fault, service, random.NextDouble(), random.Next(1000), TimeSpan.FromMilliseconds(pause));
    }

    private static Fault Pick(Random random, IReadOnlyList<Fault> faults)
    {
        var ticket = random.Next(faults.Sum(f => f.Weight));
        return faults.First(f => (ticket -= f.Weight) < 0);
    }
}
