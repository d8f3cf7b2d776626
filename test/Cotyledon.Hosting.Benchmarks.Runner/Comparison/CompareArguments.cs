namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

internal sealed record CompareArguments
{
    public int Rounds { get; private init; }

    public int Workers { get; private init; }

    /// <summary>The number of workers of the large start; 0 skips it.</summary>
    public int Many { get; private init; }

    /// <summary>The directory of the published programs.</summary>
    public required string Programs { get; init; }

    /// <summary>A second directory of published programs, such as those of an earlier commit, to be measured as well.</summary>
    public string? Before { get; init; }

    public string? Output { get; private init; }

    public static CompareArguments Parse(string[] arguments)
    {
        var given = new ConfigurationBuilder().AddCommandLine(arguments).Build();
        return new CompareArguments
        {
            Rounds = given.GetValue("rounds", 5),
            Workers = given.GetValue("workers", 20),
            Many = given.GetValue("many", 0),
            Programs = Path.GetFullPath(given.GetValue("programs", "artifacts/bench")!),
            Before = given["before"] is { } before ? Path.GetFullPath(before) : null,
            Output = given["output"],
        };
    }
}
