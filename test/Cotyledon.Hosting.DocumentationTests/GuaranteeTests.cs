using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The tests that the table of guarantees names exist.</summary>
internal sealed partial class GuaranteeTests
{
    [Test]
    public void Each_guarantee_names_tests_that_exist()
    {
        var section = Repository.Read("src/Cotyledon.Hosting/README.md").Split("\n## ")
            .Single(s => s.StartsWith("What is guaranteed", StringComparison.Ordinal));
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

    [GeneratedRegex(@"^\| (\d+) \| .* \| ([^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex GuaranteePattern();

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex NamePattern();
}
