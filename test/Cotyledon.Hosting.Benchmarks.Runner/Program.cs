using Cotyledon.Hosting.Benchmarks.Runner.Comparison;
using Cotyledon.Hosting.Benchmarks.Runner.Micro;

switch (args)
{
    case ["compare", .. var rest]:
        Compare.Run(CompareArguments.Parse(rest));
        return 0;
    case ["micro", .. var rest]:
        Microbenchmarks.Run(rest);
        return 0;
    default:
        Console.Error.WriteLine("""
            compare [--rounds 5] [--workers 20] [--many 0] [--programs artifacts/bench] [--before DIR] [--output FILE]
                Measures the program and its peers in rounds, and prints a Markdown table.
                --many 200      also measures the start of this many workers
                --programs DIR  holds the measured programs, Cotyledon.Hosting.Benchmarks and ...Benchmarks.Streams, as
                                --target=Bench publishes them: in native, managed, fixed, composite, jit and aspnet
                --before DIR    holds a second set of them, such as that of an earlier commit, to be measured as well
            micro [...]
                Runs the microbenchmarks. Further arguments go to BenchmarkDotNet, such as --filter '*Frame*'.
            """);
        return 1;
}
