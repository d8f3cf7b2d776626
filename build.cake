var target = Argument("target", "Default");
var configuration = Argument("configuration", "Release");

const string solution = "Cotyledon.Hosting.sln";
const string testApp = "test/Cotyledon.Hosting.TestApp";
const string processTests = "test/Cotyledon.Hosting.ProcessTests";
string[] benchmarks = ["test/Cotyledon.Hosting.Benchmarks", "test/Cotyledon.Hosting.Benchmarks.Streams"];
const string runner = "test/Cotyledon.Hosting.Benchmarks.Runner";
const string results = "artifacts/test-results";
const string packages = "artifacts/packages";
const string windowsTestApp = "artifacts/windows";
var nativeTestApp = MakeAbsolute(File("artifacts/aot/Cotyledon.Hosting.TestApp" + (IsRunningOnWindows() ? ".exe" : ""))).FullPath;

Task("Clean")
    .Does(() => CleanDirectory("artifacts"))
    .Does(() => DotNetClean(solution, new() { Configuration = configuration }));

Task("Restore")
    .Does(() => DotNetRestore(solution));

Task("Format")
    .IsDependentOn("Restore")
    .Does(() => DotNetFormat(solution, new() { VerifyNoChanges = true, NoRestore = true }));

Task("Build")
    .IsDependentOn("Restore")
    .Does(() => DotNetBuild(solution, new() { Configuration = configuration, NoRestore = true }));

// One project after the other (-m:1): the process tests measure time. A plain "dotnet test" leaves out category Long.
Task("Test")
    .IsDependentOn("Build")
    .Does(() => CleanDirectory(results))
    .Does(() =>
    {
        var settings = TestSettings(args => args.Append("-m:1 -p:LongTests=true"));
        settings.Filter = "TestCategory!=Windows";
        DotNetTest(solution, settings);
    });

// The process tests of category Aot once more, against the native program. Any trim or AOT warning is an error.
Task("Aot")
    .IsDependentOn("Build")
    .Does(() => Publish(testApp, "artifacts/aot", $"-p:PublishAot=true {Linker()}"))
    .Does(() =>
    {
        var settings = TestSettings(args => args.Append("-- RunConfiguration.TreatNoTestsAsError=true"));
        settings.Filter = "TestCategory=Aot";
        settings.EnvironmentVariables["COTYLEDON_TESTAPP"] = nativeTestApp;
        DotNetTest(processTests, settings);
    });

// The process tests of category Windows: the program, published for Windows, under Wine.
Task("Windows")
    .IsDependentOn("Build")
    .WithCriteria(() => FileExists("/usr/bin/wineserver"), "Wine is not installed. On Debian and Ubuntu: apt-get install wine64 wine")
    .Does(() => Publish(testApp, windowsTestApp, "-r win-x64 --self-contained -m:1"))
    .Does(() =>
    {
        var settings = TestSettings(args => args.Append("-p:LongTests=true -- RunConfiguration.TreatNoTestsAsError=true"));
        settings.Filter = "TestCategory=Windows";
        settings.EnvironmentVariables["COTYLEDON_WINDOWS_TESTAPP"] = MakeAbsolute(File($"{windowsTestApp}/Cotyledon.Hosting.TestApp.exe")).FullPath;
        DotNetTest(processTests, settings);
    });

// Random faults for --minutes=N, from fresh seeds or from --seed=S.
Task("Chaos")
    .IsDependentOn("Build")
    .Does(() =>
    {
        var settings = TestSettings(args => args);
        settings.Filter = "Name=The_guarantees_hold_for_a_long_time";
        settings.Loggers.Add("console;verbosity=normal");
        settings.ArgumentCustomization = args => args.Append("-- RunConfiguration.TreatNoTestsAsError=true");
        settings.EnvironmentVariables["CHAOS_MINUTES"] = Argument("minutes", "10");
        settings.EnvironmentVariables["CHAOS_SEED"] = Argument("seed", "");
        settings.EnvironmentVariables["CHAOS_RESULTS"] = MakeAbsolute(Directory(results)).FullPath;
        DotNetTest(processTests, settings);
    });

Task("Pack")
    .IsDependentOn("Build")
    .Does(() => CleanDirectory(packages))
    .Does(() => DotNetPack(solution, new() { Configuration = configuration, NoBuild = true, OutputDirectory = packages }));

// The program and those of its peers that are installed, side by side: artifacts/bench/results.md. Nothing else should run.
Task("Bench")
    .IsDependentOn("Restore")
    .DoesForEach(benchmarks, program => Publish(program, "artifacts/bench/native", $"-p:PublishAot=true {Linker()}"))
    .DoesForEach(benchmarks, program => Publish(program, "artifacts/bench/managed", "-p:PublishReadyToRun=true --ucr --no-self-contained"))
    .Does(() => RunBenchmarks($"compare --output artifacts/bench/results.md {Passed("rounds")} {Passed("workers")} {Passed("many")}"));

Task("Micro")
    .IsDependentOn("Restore")
    .Does(() => RunBenchmarks("micro"));

Task("Default").IsDependentOn("Format").IsDependentOn("Test");

Task("Ci").IsDependentOn("Format").IsDependentOn("Test").IsDependentOn("Aot").IsDependentOn("Windows");

RunTarget(target);

DotNetTestSettings TestSettings(Func<ProcessArgumentBuilder, ProcessArgumentBuilder> more) => new()
{
    Configuration = configuration,
    NoBuild = true,
    Loggers = { "trx" },
    ResultsDirectory = results,
    ArgumentCustomization = args => more(args.Append("--blame-hang-timeout 10m --blame-hang-dump-type none")),
};

void Publish(string project, string directory, string arguments) => DotNetPublish(project, new()
{
    Configuration = configuration,
    OutputDirectory = directory,
    ArgumentCustomization = args => args.Append(arguments),
});

void RunBenchmarks(string arguments) => DotNetRun(runner, arguments, new DotNetRunSettings { Configuration = configuration });

string Passed(string name) => HasArgument(name) ? $"--{name} {Argument<int>(name)}" : "";

// The native compiler links with clang by default; gcc does as well.
string Linker() => IsRunningOnLinux() && Context.Tools.Resolve("clang") is null ? "-p:CppCompilerAndLinker=gcc" : "";
