using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>
/// Packs all packages once, and provides the environment of a user with only the SDK and a package source that contains them. This
/// directory contains all installed, downloaded and created files, and is deleted at the end.
/// </summary>
[SetUpFixture]
internal sealed class Workplace
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static string _root = "";

    /// <summary>
    /// The platforms with ReadyToRun code in the packages: the one of these tests, if it is one for which the test program is compiled too.
    /// </summary>
    public static string[] ReadyToRunPlatforms { get; } =
        OperatingSystem.IsLinux() ? [$"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}"] : [];

    public static string Packages => Path.Combine(_root, "source");

    private static string UserPackages { get; } = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>The directory of the unpacked packages.</summary>
    public static string Unpacked => Path.Combine(_root, "packages");

    [OneTimeSetUp]
    public static async Task PackAsync()
    {
        _root = Directory.CreateTempSubdirectory("cotyledon-packages-").FullName;
        Directory.CreateDirectory(Packages);
        await RunAsync(
            Repository.Directory,
            $"dotnet pack Cotyledon.Hosting.sln --no-build -warnaserror -c {Repository.Configuration} -o '{Packages}' "
            + $"-p:ReadyToRunPlatforms={string.Join("%3B", ReadyToRunPlatforms)}");
        LinkDownloads(Path.Combine(_root, "downloads"));
        await File.WriteAllTextAsync(
            Path.Combine(_root, "NuGet.config"),
            $"""<configuration><packageSources><add key="packed" value="{Packages}" /></packageSources></configuration>""");
    }

    [OneTimeTearDown]
    public static void Delete() => Directory.Delete(_root, recursive: true);

    public static string NewDirectory() => Directory.CreateDirectory(Path.Combine(_root, Path.GetRandomFileName())).FullName;

    /// <summary>Runs a shell script, which must succeed.</summary>
    /// <returns>The output of the script.</returns>
    public static async Task<string> RunAsync(string directory, string script)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-ec", $"exec 2>&1\n{script}"])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        Prepare(start);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        try
        {
            await Task.WhenAll(output, process.WaitForExitAsync()).WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"Not within {Limit}: {script}{Environment.NewLine}{await output}");
        }

        Assert.That(process.ExitCode, Is.Zero, $"{script}{Environment.NewLine}{await output}");
        return await output;
    }

    public static void Prepare(ProcessStartInfo start)
    {
        // Variables of the test run itself would affect an SDK that is started by the tests.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DOTNET_CLI_HOME"] = Path.Combine(_root, "home");
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false";
        start.Environment["DOTNET_ADD_GLOBAL_TOOLS_TO_PATH"] = "false";

        // No build server must keep running.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";

        if (start.WorkingDirectory == Repository.Directory)
        {
            // A restore in the repository must not refer to a directory that is deleted with the test.
            start.Environment["NUGET_PACKAGES"] = UserPackages;
        }
        else
        {
            start.Environment["NUGET_PACKAGES"] = Unpacked;
            start.Environment["NUGET_FALLBACK_PACKAGES"] = Path.Combine(_root, "downloads");
        }
    }

    /// <summary>Reuses earlier downloads, except packages of this repository, which may be of another build.</summary>
    private static void LinkDownloads(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var package in Directory.Exists(UserPackages) ? Directory.GetDirectories(UserPackages) : [])
        {
            var name = Path.GetFileName(package);
            if (!name.StartsWith("cotyledon.", StringComparison.OrdinalIgnoreCase))
            {
                Directory.CreateSymbolicLink(Path.Combine(directory, name), package);
            }
        }
    }
}
