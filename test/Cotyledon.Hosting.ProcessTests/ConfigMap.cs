namespace Cotyledon.Hosting.ProcessTests;

/// <summary>A directory with settings as Kubernetes mounts a ConfigMap: links to links, of which one is swapped.</summary>
internal sealed class ConfigMap(string directory)
{
    private const string File = "appsettings.json";

    public void Mount(string text)
    {
        Write("..1", text);
        System.IO.File.CreateSymbolicLink(Path.Combine(directory, "..data"), "..1");
        System.IO.File.CreateSymbolicLink(Path.Combine(directory, File), $"..data/{File}");
    }

    /// <summary>As the kubelet does it: a new directory, a new link beside the old one, and a rename over it.</summary>
    public async Task SwapAsync(string text)
    {
        Write("..2", text);
        System.IO.File.CreateSymbolicLink(Path.Combine(directory, "..data_tmp"), "..2");
        await System.Diagnostics.Process
            .Start("mv", ["-T", Path.Combine(directory, "..data_tmp"), Path.Combine(directory, "..data")])
            .WaitForExitAsync();
        Directory.Delete(Path.Combine(directory, "..1"), recursive: true);
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(directory, name));
        System.IO.File.WriteAllText(Path.Combine(directory, name, File), text);
    }
}
