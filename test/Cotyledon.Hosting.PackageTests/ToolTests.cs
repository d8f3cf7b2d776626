namespace Cotyledon.Hosting.PackageTests;

/// <summary>The command-line tool, installed as a user does it.</summary>
[Category("Long")]
public class ToolTests
{
    private const string Tool = "Cotyledon.Hosting.Cli";

    private static readonly string Project = Path.Combine(Repository.Directory, "src", Tool);

    /// <summary>Only the package for any platform: the native ones need a linker and the platform.</summary>
    [Test]
    public async Task The_tool_can_be_installed_and_runs()
    {
        var source = Workplace.NewDirectory();
        await Workplace.RunAsync(
            Repository.Directory,
            $"dotnet pack '{Project}' --no-build -c {Repository.Configuration} -p:ToolPackageRuntimeIdentifiers=any -o '{source}'\n"
            + $"dotnet pack '{Project}' -c {Repository.Configuration} -r any -o '{source}'");
        var directory = Workplace.NewDirectory();
        await File.WriteAllTextAsync(
            Path.Combine(directory, "NuGet.config"),
            $"""<configuration><packageSources><clear /><add key="packed" value="{source}" /></packageSources></configuration>""");
        await Workplace.RunAsync(directory, $"dotnet tool install --tool-path tools {Tool}");

        var output = await Workplace.RunAsync(directory, "tools/cotyledon --version\ntools/cotyledon ps -a /nothing.sock || echo exit code $?");
        using var package = Package.Open(Tool);
        Assert.That(output, Does.StartWith($"{package.Version}\n").And.EndWith("exit code 3\n"));
    }

    [Test]
    public void The_package_names_those_of_all_platforms()
    {
        using var package = Package.Open(Tool);
        var settings = System.Text.Encoding.UTF8.GetString(package.Read("tools/any/any/DotnetToolSettings.xml"));

        Assert.That(settings, Does.Contain("<Command Name=\"cotyledon\" />"));
        foreach (var platform in (string[])["linux-x64", "linux-arm64", "linux-musl-x64", "linux-musl-arm64", "win-x64", "win-arm64", "osx-x64", "osx-arm64", "any"])
        {
            Assert.That(settings, Does.Contain($"RuntimeIdentifier=\"{platform}\" Id=\"{Tool}.{platform}\""));
        }
    }
}
