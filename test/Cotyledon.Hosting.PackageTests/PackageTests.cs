using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>The contents of the packages.</summary>
[Category("Long")]
public class PackageTests
{
    private const string Templates = "Cotyledon.Hosting.Templates";
    private const string Tool = "Cotyledon.Hosting.Cli";
    private const string Hosting = "Cotyledon.Hosting";

    private static readonly string[] HaveReadyToRunCode = [Hosting, "Cotyledon.Hosting.Queues", "Cotyledon.Hosting.Serilog"];

    private static readonly string[] SchemaFiles = ["ConfigurationSchema.json", "buildTransitive/net10.0/Cotyledon.Hosting.targets"];

    public static IEnumerable<string> All => Repository.Projects.Select(project => Path.GetFileNameWithoutExtension(project));

    public static IEnumerable<string> Libraries => All.Where(id => id is not (Templates or Tool));

    [Test]
    public void Each_project_of_src_is_packed_and_each_library_has_symbols() => Assert.That(
        Directory.EnumerateFiles(Workplace.Packages).Select(file => Package.IdOf(file) + Path.GetExtension(file)),
        Is.EquivalentTo(All.Select(id => $"{id}.nupkg").Concat(Libraries.Select(id => $"{id}.snupkg"))));

    [TestCaseSource(nameof(All))]
    public void A_package_has_complete_metadata(string id)
    {
        using var package = Package.Open(id);

        Assert.Multiple(() =>
        {
            Assert.That(package.Value("id"), Is.EqualTo(id));
            Assert.That(package.Value("description"), Does.EndWith(".").And.Length.GreaterThan(40));
            Assert.That(package.Value("tags").Split(' '), Has.Length.GreaterThan(4));
            Assert.That(package.Value("license"), Is.EqualTo("Apache-2.0"));
            Assert.That(package.Files, Does.Contain(package.Value("readme")).And.Contain(package.Value("icon")));
            Assert.That(
                package.Read("README.md"), Is.EqualTo(File.ReadAllBytes(Path.Combine(Repository.Directory, "src", id, "README.md"))));
        });
    }

    [TestCaseSource(nameof(Libraries))]
    public void A_library_is_packed_with_its_documentation_and_nothing_else(string id)
    {
        using var package = Package.Open(id);
        using var symbols = Package.Open(id, ".snupkg");

        Assert.That(
            package.Files,
            Is.EquivalentTo([
                $"{id}.nuspec", "README.md", "icon.png", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml",
                .. HaveReadyToRunCode.Contains(id) ? Workplace.ReadyToRunPlatforms.Select(p => $"runtimes/{p}/lib/net10.0/{id}.dll") : [],
                .. id == Hosting ? SchemaFiles : [],
            ]));
        Assert.That(symbols.Files, Is.EquivalentTo([$"{id}.nuspec", $"lib/net10.0/{id}.pdb"]));
    }

    [TestCaseSource(nameof(Libraries))]
    public void Packages_of_this_repository_depend_on_each_other_in_the_exact_version(string id)
    {
        using var package = Package.Open(id);

        Assert.Multiple(() =>
        {
            foreach (var (dependency, version) in package.Dependencies)
            {
                var expected = All.Contains(dependency) ? $"[{package.Version}]" : version.Trim('[', ']');
                Assert.That(version, Is.EqualTo(expected), dependency);
            }

            Assert.That(package.Dependencies.Keys, Has.None.Contains("Analyzers"));
        });
    }

    [TestCaseSource(nameof(Libraries))]
    public void Every_public_type_is_documented(string id)
    {
        using var package = Package.Open(id);
        using var library = package.ReadLibrary(id);
        var reader = library.GetMetadataReader();
        var types = reader.TypeDefinitions.Select(reader.GetTypeDefinition)
            .Where(type => (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
            .Select(type => $"T:{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}");
        var documented = XDocument.Load(new MemoryStream(package.Read($"lib/net10.0/{id}.xml")))
            .Descendants("member")
            .Select(member => member.Attribute("name")!.Value);

        Assert.That(types, Is.Not.Empty.And.SubsetOf(documented));
    }

    [TestCaseSource(nameof(Libraries))]
    public void Symbols_belong_to_the_library_and_contain_no_directory_of_the_build_machine(string id)
    {
        using var package = Package.Open(id);
        using var library = package.ReadLibrary(id);
        using var symbolPackage = Package.Open(id, ".snupkg");
        using var symbols = symbolPackage.ReadSymbols(id);
        var entries = library.ReadDebugDirectory();
        var codeView = library.ReadCodeViewDebugDirectoryData(entries.Single(e => e.Type == DebugDirectoryEntryType.CodeView));
        var reader = symbols.GetMetadataReader();

        Assert.That(entries.Select(e => e.Type), Does.Contain(DebugDirectoryEntryType.Reproducible));
        Assert.That(new BlobContentId(reader.DebugMetadataHeader!.Id).Guid, Is.EqualTo(codeView.Guid));
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            var documents = reader.Documents.Select(d => reader.GetString(reader.GetDocument(d).Name));
            Assert.That(documents, Has.All.StartsWith("/_"));
        }
    }
}
