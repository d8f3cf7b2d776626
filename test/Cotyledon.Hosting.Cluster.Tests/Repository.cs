namespace Cotyledon.Hosting.Cluster.Tests;

/// <summary>The files of the repository.</summary>
internal static class Repository
{
    public static string Read(string path)
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Cotyledon.Hosting.sln")))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return File.ReadAllText(Path.Combine(directory, path));
    }
}
