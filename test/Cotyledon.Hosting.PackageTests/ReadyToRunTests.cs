using System.Globalization;
using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>The packages contain ReadyToRun code, which programs load without any setting.</summary>
[Category("Long")]
public partial class ReadyToRunTests
{
    private const string Library = "Cotyledon.Hosting.dll";

    /// <summary>Prints how many methods of the library its worker has compiled, and the file of the library.</summary>
    private const string Program = """
        using System.Diagnostics.Tracing;
        using Cotyledon.Hosting;

        var methods = new CompiledMethods();
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddSingleton(methods);
        builder.Services.AddCotyledonWorker<Poller>(workers: 2);
        await builder.Build().RunAsync();

        internal sealed class Poller(CompiledMethods methods) : BackgroundService
        {
            protected override async Task ExecuteAsync(CancellationToken stoppingToken)
            {
                for (var before = -1; before != methods.Count; await Task.Delay(500, stoppingToken))
                {
                    before = methods.Count;
                }

                Console.WriteLine($"compiled {methods.Count} of {typeof(CotyledonHost).Assembly.Location}");
            }
        }

        internal sealed class CompiledMethods : EventListener
        {
            private const EventKeywords Jit = (EventKeywords)0x10;
            private int _count;

            public int Count => Volatile.Read(ref _count);

            protected override void OnEventSourceCreated(EventSource source)
            {
                if (source.Name == "Microsoft-Windows-DotNETRuntime")
                {
                    EnableEvents(source, EventLevel.Verbose, Jit);
                }
            }

            protected override void OnEventWritten(EventWrittenEventArgs e)
            {
                if (e.EventName?.StartsWith("MethodLoadVerbose") == true
                    && e.Payload![e.PayloadNames!.IndexOf("MethodNamespace")] is string type
                    && type.StartsWith("Cotyledon.Hosting."))
                {
                    Interlocked.Increment(ref _count);
                }
            }
        }
        """;

    [Test]
    [Platform("Linux")]
    public async Task Program_loads_the_ReadyToRun_code_and_compiles_fewer_methods()
    {
        var directory = Workplace.NewDirectory();
        await Workplace.RunAsync(directory, "dotnet new worker -o App && cd App && rm Worker.cs && dotnet add package Cotyledon.Hosting");
        await File.WriteAllTextAsync(Path.Combine(directory, "App/Program.cs"), Program);
        await Workplace.RunAsync(directory, "dotnet build App -c Release -o out");
        var output = Path.Combine(directory, "out");
        var compiled = Path.Combine(output, "runtimes", Workplace.ReadyToRunPlatforms.Single(), "lib/net10.0", Library);

        var (fewer, file) = await CountAsync(output);
        Assert.That(file, Is.EqualTo(compiled));

        // The same program with the portable file.
        File.Copy(Path.Combine(output, Library), compiled, overwrite: true);
        var (all, _) = await CountAsync(output);
        Assert.That(fewer, Is.LessThan(all / 2), $"of {all}");
        TestContext.Out.WriteLine($"{fewer} methods of the library are compiled in a worker, {all} without ReadyToRun code");
    }

    /// <summary>A publish compiles again, from the portable code in the same file.</summary>
    [TestCase("-p:PublishSingleFile=true -p:PublishTrimmed=true -p:PublishReadyToRun=true --self-contained")]
    [TestCase("-p:PublishAot=true -p:CppCompilerAndLinker=gcc")]
    [Platform("Linux")]
    public async Task Program_can_be_published_in_each_way(string options)
    {
        if (options.Contains("gcc", StringComparison.Ordinal) && !File.Exists("/usr/bin/gcc"))
        {
            Assert.Ignore("Native AOT is linked with gcc: apt-get install gcc libc6-dev");
        }

        var directory = Workplace.NewDirectory();
        await Workplace.RunAsync(directory, Readme.Commands);
        var program = Directory.GetDirectories(directory).Single();
        await File.WriteAllTextAsync(Path.Combine(program, "Program.cs"), Readme.Program);
        await Workplace.RunAsync(program, $"dotnet publish -c Release -r {Workplace.ReadyToRunPlatforms.Single()} {options} -o out");
        Assert.That(File.Exists(Path.Combine(program, "out", Library)), Is.False, "one file was published");

        await using var app = RunningProgram.Start(Path.Combine(program, "out"), "MyApp", "Poller", Path.Combine(program, "out/MyApp"));
        await app.WaitForTwoWorkersAsync();
        await app.StopAsync();
    }

    private static async Task<(int Methods, string File)> CountAsync(string directory)
    {
        await using var app = RunningProgram.Start(directory, "App", "Poller", Path.Combine(directory, "App"));
        var printed = Match.Empty;
        await app.UntilAsync(() => (printed = Compiled().Match(app.Output)).Success, "the number of compiled methods");
        await app.WaitForTwoWorkersAsync();
        await app.StopAsync();
        return (int.Parse(printed.Groups[1].Value, CultureInfo.InvariantCulture), printed.Groups[2].Value);
    }

    [GeneratedRegex(@"compiled (\d+) of (\S+)")]
    private static partial Regex Compiled();
}
