using System.Reflection;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The tree that these tests were built from.</summary>
internal static class Repository
{
    public static string Directory { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryDirectory").Value!;

    /// <summary>The documents of this repository, as paths from the top. The README that the template creates is not one of them.</summary>
    public static IEnumerable<string> Documents =>
    [
        "README.md",
        "CHANGELOG.md",
        ".github/CONTRIBUTING.md",
        ".github/SECURITY.md",
        .. In("examples"),
        .. PackageReadmes,
        .. Details,
        .. In("test"),
    ];

    /// <summary>The README of each package, which nuget.org shows without the repository.</summary>
    public static IEnumerable<string> PackageReadmes => In("src");

    /// <summary>The documents in the folder <c>docs</c> of a package. A package does not contain them, so they may have relative links.</summary>
    public static IEnumerable<string> Details =>
        System.IO.Directory.GetDirectories(Path.Combine(Directory, "src"))
            .Select(project => Path.Combine(project, "docs"))
            .Where(System.IO.Directory.Exists)
            .SelectMany(docs => System.IO.Directory.GetFiles(docs, "*.md"))
            .Select(file => Path.GetRelativePath(Directory, file))
            .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Directory, path));

    /// <summary>The README of each project in a directory.</summary>
    private static IEnumerable<string> In(string directory) =>
        System.IO.Directory.GetDirectories(Path.Combine(Directory, directory))
            .Select(project => Path.GetRelativePath(Directory, Path.Combine(project, "README.md")))
            .Where(path => File.Exists(Path.Combine(Directory, path)))
            .Order(StringComparer.Ordinal);
}
