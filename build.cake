var target = Argument("target", "Default");
var configuration = Argument("configuration", "Release");

const string solution = "Cotyledon.Hosting.sln";
const string testApp = "test/Cotyledon.Hosting.TestApp";
const string tool = "src/Cotyledon.Hosting.Cli";
const string toolTests = "test/Cotyledon.Hosting.Cli.Tests";
const string processTests = "test/Cotyledon.Hosting.ProcessTests";
string[] benchmarks = ["test/Cotyledon.Hosting.Benchmarks", "test/Cotyledon.Hosting.Benchmarks.Streams"];
const string runner = "test/Cotyledon.Hosting.Benchmarks.Runner";
const string results = "artifacts/test-results";
const string packages = "artifacts/packages";
const string windowsTestApp = "artifacts/windows";
var nativeTool = MakeAbsolute(File("artifacts/aot/cotyledon" + (IsRunningOnWindows() ? ".exe" : ""))).FullPath;
var nativeTestApp = MakeAbsolute(File("artifacts/aot/Cotyledon.Hosting.TestApp" + (IsRunningOnWindows() ? ".exe" : ""))).FullPath;

Task("Clean")
    .Does(() => CleanDirectory("artifacts"))
    .Does(() => DotNetClean(solution, new() { Configuration = configuration }));

Task("Restore")
    .Does(() => DotNetRestore(solution));

// Only white space: in the task Build, violations of the style and of the analyzers are errors.
Task("Format")
    .IsDependentOn("Restore")
    .Does(() => DotNetFormatWhitespace(solution, new() { VerifyNoChanges = true, NoRestore = true }));

Task("Build")
    .IsDependentOn("Restore")
    .Does(() => DotNetBuild(solution, new() { Configuration = configuration, NoRestore = true }));

// One project after the other (-m:1): the process tests measure time. A plain "dotnet test" leaves out category Long and most process tests.
// Tests of category Native alone have so many repetitions that only the native program, in the task Aot, runs them.
Task("Test")
    .IsDependentOn("Build")
    .Does(() => CleanDirectory(results))
    .Does(() =>
    {
        var settings = TestSettings(args => args.Append("-m:1"));
        settings.Filter = "TestCategory!=Windows&(TestCategory!=Native|TestCategory=Long)";
        DotNetTest(solution, settings);
    });

// The tests of category Aot once more, against the native program and the native tool, and those of category Native, which start very many
// processes. Any trim or AOT warning is an error.
Task("Aot")
    .IsDependentOn("Build")
    .Does(() => Publish(testApp, "artifacts/aot", $"-p:PublishAot=true {Linker()}"))
    .Does(() => Publish(tool, "artifacts/aot", Linker()))
    .Does(() => TestProgram(nativeTestApp, "TestCategory=Aot"))
    .Does(() => TestProgram(nativeTestApp, "TestCategory=Native", isNative: "true"))
    .Does(() => TestProgram(nativeTool, "TestCategory=Aot", toolTests, "COTYLEDON_TOOL"));

// The process tests of category Aot on other platforms: test/platforms. These tasks install nothing. Without its tools a task is skipped. The first
// two run in each CI run, so they leave out a long test that does not depend on the platform.
const string quick = "TestCategory=Aot&Name!=Counters_equal_the_faults_and_commands";

Platform("Musl", "gcc libc6-dev musl musl-tools", "/usr/bin/gcc", "/usr/bin/musl-gcc")
    .Does(() => Publish(testApp, "artifacts/musl", "-r linux-musl-x64 --self-contained"))
    .Does(() => TestOn("musl", quick));

Platform("OldKernel", "gcc libc6-dev libseccomp-dev", "/usr/bin/gcc", "/usr/include/seccomp.h")
    .Does(() => TestOn("oldkernel", quick));

// Not the tests of titles: qemu shows itself in the command line of a process. It needs /proc.
Platform("Arm64", "qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
    "/usr/bin/qemu-aarch64-static", "/usr/bin/aarch64-linux-gnu-gcc", "/usr/aarch64-linux-gnu/lib/libc.so.6")
    .WithCriteria(() => System.Environment.OSVersion.Version >= new Version(6, 7), "Needs Linux 6.7, which has binary formats for each user namespace")
    .Does(() => Publish(testApp, "artifacts/arm64", "-r linux-arm64 -p:PublishAot=true -p:ObjCopyName=aarch64-linux-gnu-objcopy "
        + $"-p:CppCompilerAndLinker={MakeAbsolute(File("test/platforms/arm64/gcc"))}"))
    .Does(() => TestOn("arm64", "TestCategory=Aot&Name!~titles&Name!=Killed_worker_is_replaced_by_the_spare_and_a_new_spare_is_started&Name!~without_proc"));

// Not the tests that need a shell, systemd, a root directory of their own, or a directory that two programs share.
Platform("Distroless", "gcc libc6-dev", "/usr/bin/gcc")
    .WithCriteria(() => System.Environment.UserName == "root", "Needs root, to mount the root directory")
    .IsDependentOn("Aot")
    .Does(() => TestOn("distroless", "TestCategory=Aot&Name!~Grandchild&FullyQualifiedName!~SystemdTests&FullyQualifiedName!~ClusterTests&Name!~without_proc"));

// The process tests of category Windows: the program, published for Windows, under Wine.
Task("Windows")
    .IsDependentOn("Build")
    .WithCriteria(() => FileExists("/usr/bin/wineserver"), "Wine is not installed. On Debian and Ubuntu: apt-get install wine64 wine")
    .Does(() => Publish(testApp, windowsTestApp, "-r win-x64 --self-contained -m:1 -p:PublishReadyToRun=true"))
    .Does(() =>
    {
        var settings = TestSettings(args => args.Append("-- RunConfiguration.TreatNoTestsAsError=true"));
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

// The native package of the tool needs its platform, so a release runs this on each platform that the project file names, with --rid=RID.
// Without it, the tool of these packages runs on .NET, everywhere. A release also has ReadyToRun code for all platforms, by --platforms=all,
// which downloads their frameworks. Without it, the packages have such code for this platform only.
Task("Pack")
    .IsDependentOn("Build")
    .Does(() => CleanDirectory(packages))
    .Does(() => DotNetRestore(solution, new() { ArgumentCustomization = args => args.Append(ReadyToRunPlatforms()) }))
    .Does(() => Pack(solution, $"--no-build {ReadyToRunPlatforms()} {(HasArgument("rid") ? "" : "-p:ToolPackageRuntimeIdentifiers=any")}"))
    .DoesForEach(HasArgument("rid") ? ["any", Argument<string>("rid")] : new[] { "any" }, rid => Pack(tool, $"-r {rid} {Linker()}"));

// The program, published in several ways, and those of its peers that are installed, side by side: artifacts/bench/results.md. Nothing else
// should run meanwhile.
Task("Bench")
    .IsDependentOn("Restore")
    .DoesForEach(benchmarks, program => Publish(program, "artifacts/bench/native", $"-p:PublishAot=true {Linker()}"))
    .DoesForEach(benchmarks, program => Publish(program, "artifacts/bench/managed", "-p:PublishReadyToRun=true --ucr --no-self-contained"))
    .DoesForEach(["jit", "aspnet"], way => Publish(benchmarks[0], $"artifacts/bench/{way}", $"-p:Way={way} --ucr --no-self-contained"))
    .Does(() => Publish(benchmarks[0], "artifacts/bench/composite", "-p:Way=composite --ucr --self-contained"))
    .Does(() => Publish(benchmarks[0], "artifacts/bench/fixed", $"-p:Way=fixed {Linker()}"))
    .Does(() => RunBenchmarks($"compare --output artifacts/bench/results.md {Passed("before")} {Passed("rounds")} {Passed("workers")} {Passed("many")}"));

Task("Micro")
    .IsDependentOn("Restore")
    .Does(() => RunBenchmarks("micro"));

Task("Default").IsDependentOn("Format").IsDependentOn("Test");

Task("Ci")
    .IsDependentOn("Format")
    .IsDependentOn("Test")
    .IsDependentOn("Aot")
    .IsDependentOn("Windows")
    .IsDependentOn("Musl")
    .IsDependentOn("OldKernel");

RunTarget(target);

DotNetTestSettings TestSettings(Func<ProcessArgumentBuilder, ProcessArgumentBuilder> more) => new()
{
    Configuration = configuration,
    NoBuild = true,
    Loggers = { "trx" },
    ResultsDirectory = results,
    ArgumentCustomization = args => more(args.Append("--blame-hang-timeout 10m --blame-hang-dump-type none")),
};

// Analyzers run in the task Build. The compilers for Native AOT and trimming warn nevertheless.
void Publish(string project, string directory, string arguments) => DotNetPublish(project, new()
{
    Configuration = configuration,
    OutputDirectory = directory,
    ArgumentCustomization = args => args.Append("-p:RunAnalyzers=false").Append(arguments),
});

void Pack(string project, string arguments) => DotNetPack(project, new()
{
    Configuration = configuration,
    OutputDirectory = packages,
    ArgumentCustomization = args => args.Append(arguments),
});

void TestProgram(
    string program, string filter, string tests = processTests, string variable = "COTYLEDON_TESTAPP", string isNative = "false")
{
    var settings = TestSettings(args => args.Append("-- RunConfiguration.TreatNoTestsAsError=true"));
    settings.EnvironmentVariables["COTYLEDON_TESTAPP_IS_NATIVE"] = isNative;
    settings.Filter = filter;
    settings.EnvironmentVariables[variable] = program;
    DotNetTest(tests, settings);
}

CakeTaskBuilder Platform(string name, string toInstall, params string[] files) => Task(name)
    .WithCriteria(() => files.All(file => FileExists(file)), $"Needs Linux x64 and apt-get install {toInstall}")
    .IsDependentOn("Build");

void TestOn(string platform, string tests = "TestCategory=Aot")
{
    var directory = MakeAbsolute(Directory($"test/platforms/{platform}")).FullPath;
    if (FileExists($"{directory}/build") && StartProcess($"{directory}/build") != 0)
    {
        throw new CakeException($"{directory}/build has failed.");
    }

    TestProgram($"{directory}/run", tests);
}

void RunBenchmarks(string arguments) => DotNetRun(runner, arguments, new DotNetRunSettings { Configuration = configuration });

string ReadyToRunPlatforms()
{
    string[] all = ["linux-x64", "linux-arm64", "linux-musl-x64", "linux-musl-arm64", "win-x64", "win-arm64", "osx-arm64"];
    var packed = Argument("platforms", "") == "all"
        ? all
        : all.Where(platform => platform == System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier);
    return $"-p:ReadyToRunPlatforms={string.Join("%3B", packed)}";
}

string Passed(string name) => HasArgument(name) ? $"--{name} {Argument<string>(name)}" : "";

// The native compiler links with clang by default; gcc does as well.
string Linker() => IsRunningOnLinux() && Context.Tools.Resolve("clang") is null ? "-p:CppCompilerAndLinker=gcc" : "";
