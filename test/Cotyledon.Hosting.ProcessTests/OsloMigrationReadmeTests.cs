using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The example OsloMigration behaves as its README states.</summary>
public partial class OsloMigrationReadmeTests
{
    private static readonly string Project =
        new DirectoryInfo(TestProgram.DirectoryOf("OsloMigration")).Parent!.Parent!.Parent!.FullName;

    private static readonly string Readme = File.ReadAllText(Path.Combine(Project, "README.md"));

    [Test]
    public void All_code_blocks_are_in_the_program()
    {
        List<string> sources = [.. Directory.EnumerateFiles(Project, "*.cs").Select(File.ReadAllText)];
        var blocks = Blocks("csharp");
        Assert.That(blocks, Is.Not.Empty);
        Assert.That(blocks.Where(b => !sources.Exists(s => s.Contains(b, StringComparison.Ordinal))), Is.Empty);
    }

    [Test]
    public async Task Settings_blocks_change_their_service_and_leave_the_others_running()
    {
        await using var app = await OsloMigrationTests.StartAsync(settings => settings["Cotyledon"]!["ReloadOnChange"] = true);
        var third = await OsloMigrationTests.WorkersAsync(app, "MyThirdService", 2);
        var second = await OsloMigrationTests.WorkersAsync(app, "Second Service", 1);
        foreach (var block in Blocks("json"))
        {
            var (name, service) = JsonNode.Parse(block)!["Cotyledon"]!["Services"]!.AsObject().Single();
            OsloMigrationTests.Change(
                app.Directory, settings => settings["Cotyledon"]!["Services"]![name] = service!.DeepClone());
            await OsloMigrationTests.WorkersAsync(app, name, service!["Workers"]!.GetValue<int>());
        }

        Assert.That((await OsloMigrationTests.WorkersAsync(app, "Second Service", 3))[0], Is.EqualTo(second[0]));
        Assert.That(await OsloMigrationTests.WorkersAsync(app, "MyThirdService", 2), Is.EqualTo(third));
        await app.StopAsync();
        Assert.That(app.Output, Does.Not.Contain("Master reloads"));
    }

    private static List<string> Blocks(string language) =>
        [.. Block().Matches(Readme).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value)];

    [GeneratedRegex(@"^```(\w+)\n(.+?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
