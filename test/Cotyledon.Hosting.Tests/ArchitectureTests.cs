using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.Tests;

/// <summary>The dependencies between the folders of the core package, and between the packages.</summary>
internal sealed partial class ArchitectureTests
{
    /// <summary>What each folder may use. Files at the root, and <c>Shared</c>, may be used by all.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        // The decision uses no other folder; system calls, frames and the code of workers do not use the decision.
        ["Supervision"] = [],
        ["Processes"] = [],
        ["Channel"] = [],
        ["HostProgram"] = ["Processes"],
        ["Systemd"] = ["Supervision"],
        ["Cluster"] = ["Extensibility", "Processes", "Supervision"],
        ["Configuration"] = ["Channel", "Cluster", "Extensibility", "HostProgram", "InProcess", "Processes", "Supervision", "Systemd", "Worker"],
        ["Worker"] = ["Channel", "Configuration", "Processes"],
        ["Launching"] = ["Channel", "Configuration", "Extensibility", "Observability", "Processes", "Supervision"],
        ["InProcess"] = ["Channel", "Configuration", "Launching", "Supervision", "Worker"],
        ["Observability"] = ["Master", "Processes", "Supervision"],
        ["Health"] = ["Extensibility", "Master", "Supervision"],
        ["Extensibility"] = ["Channel", "Configuration", "InProcess", "Supervision", "Worker"],
        ["Control"] = ["Extensibility", "Processes"],
        ["Master"] =
        [
            "Cluster", "Configuration", "Control", "Extensibility", "Health", "HostProgram", "InProcess", "Launching", "Observability", "Processes", "Supervision",
            "Systemd",
        ],
    };

    private static string Source { get; } = Path.Combine(Repository(), "src", "Cotyledon.Hosting");

    [TestCaseSource(nameof(Folders))]
    public void A_folder_uses_only_the_folders_that_it_may_use(string folder)
    {
        var used = Directory.EnumerateFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => UsingPattern().Matches(File.ReadAllText(file)).Select(m => (File: Path.GetFileName(file), Folder: m.Groups[1].Value + m.Groups[2].Value)))
            .Where(use => use.Folder != folder && use.Folder != "Shared")
            .ToList();

        Assert.That(used.Where(use => !Allowed[folder].Contains(use.Folder)), Is.Empty);
        Assert.That(Allowed[folder].Except(used.Select(use => use.Folder)), Is.Empty, "permissions that are not used");
    }

    [Test]
    public void Shared_code_uses_no_folder_that_other_packages_do_not_have()
    {
        var used = Directory.EnumerateFiles(Path.Combine(Source, "..", "Shared"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => UsingPattern().Matches(File.ReadAllText(file)).Select(m => (File: Path.GetFileName(file), Folder: m.Groups[1].Value + m.Groups[2].Value)));

        Assert.That(used.Where(use => use.Folder is not ("Extensibility" or "Shared")), Is.Empty);
    }

    [Test]
    public void Packages_do_not_use_the_internals_of_each_other()
    {
        string[] packages =
            [.. Directory.EnumerateDirectories(Path.Combine(Source, "..")).Select(Path.GetFileName).OfType<string>().Where(n => n.StartsWith("Cotyledon", StringComparison.Ordinal))];
        var visible = packages
            .SelectMany(package => Directory.EnumerateFiles(Path.Combine(Source, "..", package), "*.csproj"))
            .SelectMany(project => VisiblePattern().Matches(File.ReadAllText(project)).Select(m => m.Groups[1].Value));

        Assert.That(visible.Intersect(packages), Is.Empty);
        Assert.That(
            typeof(CotyledonHost).Assembly.GetCustomAttributes<InternalsVisibleToAttribute>().Select(a => a.AssemblyName).Intersect(packages),
            Is.Empty);
    }

    private static IEnumerable<string> Folders() => Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Source, file).Split(Path.DirectorySeparatorChar))
        .Where(parts => parts.Length > 1 && parts[0] is not ("bin" or "obj"))
        .Select(parts => parts[0])
        .Distinct();

    /// <summary>Found from the assembly: the source paths of a deterministic build do not exist.</summary>
    private static string Repository()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Cotyledon.Hosting.sln")))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return directory;
    }

    [GeneratedRegex(@"^using (?:static )?Cotyledon\.Hosting\.(\w+)|(?<![\w.<`])(Supervision|Launching|Channel)\.[A-Z]", RegexOptions.Multiline)]
    private static partial Regex UsingPattern();

    [GeneratedRegex("InternalsVisibleTo Include=\"([^\"]+)\"")]
    private static partial Regex VisiblePattern();
}
