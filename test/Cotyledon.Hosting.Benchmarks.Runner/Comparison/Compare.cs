namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>Measures all systems in each round, so that other load on the machine affects all of them equally.</summary>
internal static class Compare
{
    public static void Run(CompareArguments arguments)
    {
        var machine = Machine.Describe();
        var peers = Peers.Find(arguments);
        var results = new Results();
        for (var round = 1; round <= arguments.Rounds; round++)
        {
            foreach (var system in peers.Installed)
            {
                Console.Error.WriteLine($"Round {round} of {arguments.Rounds}: {system.Name}");
                Measure(system, arguments, results);
            }
        }

        var table = ResultTable.Write(machine, arguments, peers, results);
        Console.Write(table);
        if (arguments.Output is { } file)
        {
            File.WriteAllText(file, table);
        }
    }

    private static void Measure(MeasuredSystem system, CompareArguments arguments, Results results)
    {
        var measurement = new SystemMeasurement(system, arguments, (figure, value) => results.Add(system, figure, value));
        foreach (var measure in measurement.Steps)
        {
            try
            {
                measure();
            }
            catch (MeasurementException e)
            {
                Console.Error.WriteLine($"{system.Name}: {e.Message}");
                results.AddFailure(system, e.Message);
            }
        }
    }
}
