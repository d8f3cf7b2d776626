using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The form of the documents: their links, their length, and which ones there are.</summary>
internal sealed partial class DocumentTests
{
    /// <summary>A reader gets an overview on one page; details are in the READMEs of the packages and examples.</summary>
    private const int MaxLines = 148;

    private static IEnumerable<string> Documents => Repository.Documents;

    private static IEnumerable<string> PackageReadmes => Repository.PackageReadmes;

    [TestCaseSource(nameof(Documents))]
    public void Links_to_files_and_headings_have_a_target(string document)
    {
        var directory = Path.GetDirectoryName(Path.Combine(Repository.Directory, document))!;
        foreach (Match link in LinkPattern().Matches(Repository.Read(document)))
        {
            var target = link.Groups[1].Length > 0 ? Path.GetFullPath(Path.Combine(directory, link.Groups[1].Value)) : null;
            Assert.That(target is null || Path.Exists(target), link.Value);
            if (link.Groups[2].Length > 0)
            {
                var headings = Headings(target ?? Path.Combine(Repository.Directory, document));
                Assert.That(headings, Does.Contain(link.Groups[2].Value), link.Value);
            }
        }
    }

    /// <summary>nuget.org shows them without the files of the repository.</summary>
    [TestCaseSource(nameof(PackageReadmes))]
    public void Readmes_of_packages_have_no_relative_links(string document) =>
        Assert.That(LinkPattern().Matches(Repository.Read(document)).Where(link => link.Groups[1].Length > 0), Is.Empty);

    [Test]
    public void Each_package_has_a_readme_with_its_name()
    {
        foreach (var package in Directory.GetDirectories(Path.Combine(Repository.Directory, "src"), "Cotyledon.*").Select(Path.GetFileName))
        {
            Assert.That(Repository.Read($"src/{package}/README.md"), Does.StartWith($"# {package}\n"));
            Assert.That(Repository.Read("README.md"), Does.Contain($"(src/{package}/README.md)"));
        }
    }

    [Test]
    public void The_overview_is_short() =>
        Assert.That(Repository.Read("README.md").Split('\n'), Has.Length.LessThanOrEqualTo(MaxLines + 1));

    [Test]
    public void The_changelog_has_a_section_for_the_version()
    {
        var version = XDocument.Parse(Repository.Read("Directory.Build.props")).Descendants("VersionPrefix").Single().Value;
        Assert.That(Repository.Read("CHANGELOG.md"), Does.Contain($"\n## [{version}] - "));
    }

    private static IEnumerable<string> Headings(string file) => File.ReadLines(file)
        .Where(l => l.StartsWith('#'))
        .Select(l => NoAnchorPattern().Replace(l.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>The file and the heading of a link within the repository; both can be empty.</summary>
    [GeneratedRegex(@"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchorPattern();
}
