namespace Cotyledon.Hosting.ProcessTests;

/// <summary>A directory that several programs use one after the other.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cotyledon-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
