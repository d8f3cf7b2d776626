using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The table of guarantees and the categories of the tests that show them, such as "Guarantee 4", agree.</summary>
internal sealed partial class GuaranteeTests
{
    [Test]
    public void Each_guarantee_names_the_fixtures_that_have_tests_of_its_category()
    {
        var section = Repository.Read("src/Cotyledon.Hosting/README.md").Split("\n## ")
            .Single(s => s.StartsWith("What is guaranteed", StringComparison.Ordinal));
        var guarantees = GuaranteePattern().Matches(section);
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Directory, "test"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => CategoryPattern().Matches(File.ReadAllText(file)).Select(m => (Number: m.Groups[1].Value, File: file)))
            .ToLookup(test => test.Number, test => FixtureOf(test.File));

        Assert.That(guarantees.Select(g => int.Parse(g.Groups[1].ValueSpan, null)), Is.EqualTo(Enumerable.Range(1, guarantees.Count)));
        Assert.That(guarantees, Has.Count.GreaterThanOrEqualTo(10));
        Assert.That(tests.Select(t => t.Key), Is.EquivalentTo(guarantees.Select(g => g.Groups[1].Value)));
        foreach (Match guarantee in guarantees)
        {
            var named = NamePattern().Matches(guarantee.Groups[2].Value).Select(m => m.Groups[1].Value).ToList();
            Assert.That(named, Is.Not.Empty.And.EquivalentTo(tests[guarantee.Groups[1].Value].Distinct()), guarantee.Value);
        }
    }

    /// <summary>The name of the fixture in a file. A part of a partial class has the name of the class and that of the part.</summary>
    private static string FixtureOf(string file) => Path.GetFileName(file).Split('.')[0];

    [GeneratedRegex(@"^\| (\d+) \| .* \| ([^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex GuaranteePattern();

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"Category\(""Guarantee (\d+)""\)")]
    private static partial Regex CategoryPattern();
}
