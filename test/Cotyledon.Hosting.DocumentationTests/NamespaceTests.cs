using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The namespaces of public types, which the files of the public API list.</summary>
internal sealed partial class NamespaceTests
{
    private static IEnumerable<string> Packages =>
        Directory.GetFiles(Path.Combine(Repository.Directory, "src"), "PublicAPI.Unshipped.txt", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!));

    [TestCaseSource(nameof(Packages))]
    public void A_type_has_the_namespace_of_its_package_or_extends_a_type_of_Microsoft(string package)
    {
        var types = Type().Matches(PublicApi(package))
            .Select(m => (Namespace: m.Groups[1].Value, Name: m.Groups[2].Value))
            .ToList();

        Assert.That(types, Is.Not.Empty);
        Assert.That(
            types.Where(type => type.Namespace.StartsWith("Microsoft.", StringComparison.Ordinal)
                ? !type.Name.EndsWith("Extensions", StringComparison.Ordinal)
                : type.Namespace != package && type.Namespace != $"{package}.Extensibility"),
            Is.Empty);
    }

    /// <summary>The compiler reports an error where a program uses the contracts between the packages, which can change in any version.</summary>
    [TestCaseSource(nameof(Packages))]
    public void Types_of_Extensibility_and_members_with_such_types_are_experimental(string package)
    {
        foreach (var line in PublicApi(package).Split('\n'))
        {
            Assert.That(
                line.StartsWith("[COTYLEDON001]", StringComparison.Ordinal),
                Is.EqualTo(line.Contains(".Extensibility.", StringComparison.Ordinal)),
                line);
        }
    }

    private static string PublicApi(string package) =>
        Repository.Read($"src/{package}/PublicAPI.Shipped.txt") + Repository.Read($"src/{package}/PublicAPI.Unshipped.txt");

    /// <summary>The line of a type has its name only; the lines of its members go on with a type.</summary>
    [GeneratedRegex(@"^(?:\[\w+\])?([\w.]+)\.(\w+)(?:<[^>]*>)?\r?$", RegexOptions.Multiline)]
    private static partial Regex Type();
}
