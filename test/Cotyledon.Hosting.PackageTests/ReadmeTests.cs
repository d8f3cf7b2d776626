using System.Text.Json;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>The instructions in the README are complete.</summary>
[Category("Long")]
public class ReadmeTests
{
    [Test]
    public async Task A_program_created_with_the_readme_runs_reloads_and_stops()
    {
        var directory = Workplace.NewDirectory();
        await Workplace.RunAsync(directory, Readme.Commands);
        var program = Directory.GetDirectories(directory).Single();
        await File.WriteAllTextAsync(Path.Combine(program, "Program.cs"), Readme.Program);

        await using var app = RunningProgram.Start(program, "MyApp", "Poller", Readme.Run.Split(' '));
        var workers = await app.WaitForTwoWorkersAsync();
        await app.UntilAsync(
            () => app.Output.Contains("Polling share 0 of 2.", StringComparison.Ordinal)
                && app.Output.Contains("Polling share 1 of 2.", StringComparison.Ordinal),
            "both polling");

        // The service implements IReloadable, so the same processes run on.
        app.Reload();
        await app.UntilAsync(() => app.Output.Contains("Reloaded Poller: 2 in place, 0 replaced", StringComparison.Ordinal), "the reload");
        Assert.That(await app.WaitForTwoWorkersAsync(), Is.EqualTo(workers));
        await app.StopAsync();
        AssertPackedPackageWasUsed("cotyledon.hosting");
    }

    [Test]
    public async Task The_program_of_the_readme_equals_the_example() => Assert.That(
        Readme.Program,
        Is.EqualTo(await File.ReadAllTextAsync(Path.Combine(Repository.Directory, "examples/Quickstart/Program.cs"))));

    private static void AssertPackedPackageWasUsed(string id)
    {
        var version = Directory.GetDirectories(Path.Combine(Workplace.Unpacked, id)).Single();
        using var metadata = JsonDocument.Parse(File.ReadAllText(Path.Combine(version, ".nupkg.metadata")));
        Assert.That(metadata.RootElement.GetProperty("source").GetString(), Is.EqualTo(Workplace.Packages));
    }
}
