using System.Reflection;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The tree that these tests were built from.</summary>
internal static class Repository
{
    public static string Directory { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryDirectory").Value!;

    /// <summary>The documents for users, as paths from the top.</summary>
    public static IEnumerable<string> Documents =>
        System.IO.Directory.GetFiles(Path.Combine(Directory, "examples"), "README.md", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Directory, f))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Prepend("README.md");

    public static string Read(string path) => File.ReadAllText(Path.Combine(Directory, path));
}
