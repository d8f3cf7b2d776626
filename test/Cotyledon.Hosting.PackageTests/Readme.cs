using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>The commands and the program of the quickstart in README.md, and the commands in the README of the templates.</summary>
internal static partial class Readme
{
    private static readonly string Quickstart = Section().Match(Read("README.md")).Value;

    /// <summary>The commands that create a program with the package. Those before them in the same block build the packages.</summary>
    public static string Commands => NewProgram().Match(Blocks(Quickstart, "sh").First()).Value;

    public static string Program => Blocks(Quickstart, "csharp").First();

    /// <summary>The commands that create a program from the template.</summary>
    public static string TemplateCommands => Blocks(Read("src/Cotyledon.Hosting.Templates/README.md"), "sh").First();

    /// <summary>The command that starts the program.</summary>
    public static string Run => Inline().Match(Quickstart).Value;

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Directory, path));

    private static IEnumerable<string> Blocks(string text, string language) =>
        Block().Matches(text).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value);

    [GeneratedRegex("(?<=^## Quickstart\n).*?(?=^## )", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^dotnet new .*", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NewProgram();

    [GeneratedRegex("(?<=`)dotnet run(?=`)")]
    private static partial Regex Inline();
}
