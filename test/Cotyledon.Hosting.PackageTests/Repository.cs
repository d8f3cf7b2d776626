using System.Reflection;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>The repository in which these tests were built.</summary>
internal static class Repository
{
    public static string Directory { get; } = Metadata("Repository");

    public static string Configuration { get; } = Metadata("Configuration");

    /// <summary>The projects that become packages.</summary>
    public static IReadOnlyList<string> Projects { get; } =
    [
        .. System.IO.Directory.EnumerateDirectories(Path.Combine(Directory, "src"))
            .SelectMany(directory => System.IO.Directory.EnumerateFiles(directory, "*.csproj"))
            .Order(StringComparer.Ordinal),
    ];

    private static string Metadata(string key) => typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}
