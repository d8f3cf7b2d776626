using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Cotyledon.Hosting.Benchmarks.Runner.Micro;

internal static class Microbenchmarks
{
    public static void Run(string[] arguments)
    {
        // In this process: a project that the tool makes and builds itself would come under the rules of this repository.
        var config = ManualConfig.CreateMinimumViable()
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumn(StatisticColumn.Median)
            .WithArtifactsPath("artifacts/micro");
        BenchmarkSwitcher
            .FromTypes([typeof(DecideBenchmarks), typeof(FrameBenchmarks)])
            .Run(arguments is [] ? ["--filter", "*"] : arguments, config);
    }
}
