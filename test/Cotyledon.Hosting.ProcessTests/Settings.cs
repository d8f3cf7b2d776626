namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The settings file of a test program, and the many ways in which people change it.</summary>
internal sealed class Settings(string directory)
{
    public string File { get; } = Path.Combine(directory, "appsettings.json");

    /// <summary>A whole file: a value that only the program knows, the number of heavy workers, and perhaps more.</summary>
    public static string Text(string value, int heavy = 2, string more = "") => $$"""
        { "Value": "{{value}}", {{more}} "Cotyledon": { "Services": { "heavy": { "Workers": {{heavy}} } } } }
        """;

    public static TestProgram Start(string text, params string[] arguments) => TestProgram.Start(
        start => System.IO.File.WriteAllText(new Settings(start.WorkingDirectory).File, text), arguments);

    public void Write(string text) => System.IO.File.WriteAllText(File, text);

    /// <summary>As editors and <c>sed -i</c> do: a new file takes the place of the old one.</summary>
    public void Replace(string text) => Replace(File, text);

    public static void Replace(string path, string text)
    {
        System.IO.File.WriteAllText(path + ".new", text);
        System.IO.File.Move(path + ".new", path, overwrite: true);
    }
}
