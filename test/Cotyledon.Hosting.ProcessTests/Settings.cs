namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The settings file of a test program, and the ways in which it is changed.</summary>
internal sealed class Settings(string directory)
{
    public string File { get; } = Path.Combine(directory, "appsettings.json");

    /// <summary>Returns a settings file: a value of the program, the number of heavy workers, and optional text.</summary>
    public static string Text(string value, int heavy = 2, string more = "") => $$"""
        { "Value": "{{value}}", {{more}} "Cotyledon": { "Services": { "heavy": { "Workers": {{heavy}} } } } }
        """;

    public static TestProgram Start(string text, params string[] arguments) => TestProgram.Start(
        start => System.IO.File.WriteAllText(new Settings(start.WorkingDirectory).File, text), arguments);

    public void Write(string text) => System.IO.File.WriteAllText(File, text);

    /// <summary>Replaces the file by a new one, as editors and <c>sed -i</c> do.</summary>
    public void Replace(string text) => Replace(File, text);

    public static void Replace(string path, string text)
    {
        System.IO.File.WriteAllText(path + ".new", text);
        System.IO.File.Move(path + ".new", path, overwrite: true);
    }
}
