using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>A packed package: the contents of the archive.</summary>
internal sealed class Package : IDisposable
{
    private readonly ZipArchive _archive;

    private Package(string file)
    {
        _archive = ZipFile.OpenRead(file);
        var nuspec = XDocument.Load(new MemoryStream(Read(Files.Single(f => f.EndsWith(".nuspec", StringComparison.Ordinal)))));
        Metadata = nuspec.Root!.Elements().Single(e => e.Name.LocalName == "metadata");
    }

    public XElement Metadata { get; }

    public string Version => Value("version");

    /// <summary>All files except those of the package format.</summary>
    public IReadOnlyList<string> Files =>
    [
        .. _archive.Entries.Select(e => e.FullName)
            .Where(name => name != "[Content_Types].xml"
                && !name.StartsWith("_rels/", StringComparison.Ordinal)
                && !name.StartsWith("package/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    public IReadOnlyDictionary<string, string> Dependencies => Metadata.Descendants()
        .Where(e => e.Name.LocalName == "dependency")
        .ToDictionary(e => e.Attribute("id")!.Value, e => e.Attribute("version")!.Value);

    public static Package Open(string id, string extension = ".nupkg") =>
        new(Directory.EnumerateFiles(Workplace.Packages, $"{id}.*{extension}").Single(file => IdOf(file) == id));

    /// <summary>Returns the file name without the version, which begins with the first part that is a number.</summary>
    public static string IdOf(string file) =>
        string.Join('.', Path.GetFileName(file).Split('.').TakeWhile(part => !char.IsAsciiDigit(part[0])));

    public string Value(string element) => Metadata.Elements().SingleOrDefault(e => e.Name.LocalName == element)?.Value ?? "";

    public byte[] Read(string file)
    {
        using var content = _archive.GetEntry(file)!.Open();
        var memory = new MemoryStream();
        content.CopyTo(memory);
        return memory.ToArray();
    }

    public PEReader ReadLibrary(string id) => new(new MemoryStream(Read($"lib/net10.0/{id}.dll")));

    public MetadataReaderProvider ReadSymbols(string id) =>
        MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Read($"lib/net10.0/{id}.pdb")));

    public void Dispose() => _archive.Dispose();
}
