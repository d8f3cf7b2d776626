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
            compare [--rounds 5] [--workers 20] [--many 0] [--programs artifacts/bench] [--output FILE]
                Measures the program and its peers, round by round, and prints a table in Markdown.
                --many 200      measures the start of that many workers, too
                --programs DIR  holds the measured programs, Cotyledon.Hosting.Benchmarks and ...Benchmarks.Streams,
                                in native (Native AOT) and in managed (as .dll)
            micro [...]
                The microbenchmarks. What follows goes to BenchmarkDotNet, such as --filter '*Frame*'.
            """);
        return 1;
}
