using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>Section "Use" of README.md: the commands and the code for the user.</summary>
internal static partial class Readme
{
    private static readonly string Use = Section().Match(File.ReadAllText(Path.Combine(Repository.Directory, "README.md"))).Value;

    /// <summary>The commands that create a program with the package.</summary>
    public static string Commands => Blocks("sh")[0];

    public static string Program => Blocks("csharp")[0];

    /// <summary>The commands that create a program from the template.</summary>
    public static string TemplateCommands => Blocks("sh")[1];

    /// <summary>The command that runs the program.</summary>
    public static string Run => Inline().Match(Use).Value;

    private static List<string> Blocks(string language) =>
        [.. Block().Matches(Use).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value)];

    [GeneratedRegex("(?<=^## Use\n).*?(?=^## )", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("(?<=`)dotnet run(?=`)")]
    private static partial Regex Inline();
}
