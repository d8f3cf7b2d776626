using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The README says which tests show a guarantee; they are there. So are the places in documents that others point to.</summary>
internal sealed partial class GuaranteeTests
{
    [Test]
    public void Each_guarantee_names_tests_that_exist()
    {
        var section = Repository.Read("README.md").Split("\n## ").Single(s => s.StartsWith("What is guaranteed", StringComparison.Ordinal));
        var guarantees = GuaranteePattern().Matches(section);
        var fixtures = Directory.EnumerateFiles(Path.Combine(Repository.Directory, "test"), "*Tests.cs", SearchOption.AllDirectories)
            .Select(Path.GetFileNameWithoutExtension).ToHashSet();

        Assert.That(guarantees.Select(g => int.Parse(g.Groups[1].ValueSpan, null)), Is.EqualTo(Enumerable.Range(1, guarantees.Count)));
        Assert.That(guarantees, Has.Count.GreaterThanOrEqualTo(10));
        foreach (Match guarantee in guarantees)
        {
            var named = NamePattern().Matches(guarantee.Groups[2].Value).Select(m => m.Groups[1].Value).ToList();
            Assert.That(named, Is.Not.Empty.And.SubsetOf(fixtures), guarantee.Value);
        }
    }

    [Test]
    public void Links_between_documents_lead_somewhere()
    {
        foreach (var document in Repository.Documents)
        {
            var directory = Path.GetDirectoryName(Path.Combine(Repository.Directory, document))!;
            foreach (Match link in LinkPattern().Matches(Repository.Read(document)))
            {
                var target = link.Groups[1].Length > 0 ? Path.GetFullPath(Path.Combine(directory, link.Groups[1].Value)) : null;
                Assert.That(target is null || Path.Exists(target), $"{document}: {link.Value}");
                if (link.Groups[2].Length > 0)
                {
                    var headings = Headings(target ?? Path.Combine(Repository.Directory, document));
                    Assert.That(headings, Does.Contain(link.Groups[2].Value), $"{document}: {link.Value}");
                }
            }
        }
    }

    private static IEnumerable<string> Headings(string file) => File.ReadLines(file)
        .Where(l => l.StartsWith('#'))
        .Select(l => NoAnchorPattern().Replace(l.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^\| (\d+) \| .* \| ([^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex GuaranteePattern();

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchorPattern();
}
