using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>What a reader copies from a document compiles, can be read, or names something that is there.</summary>
internal sealed partial class CodeBlockTests
{
    private static readonly string[] KnownLanguages =
        ["", "csharp", "json", "jsonc", "sh", "ini", "dockerfile", "yaml", "xml", "python", "powershell", "sql"];

    private static IEnumerable<CodeBlock> CSharp => CodeBlock.All.Where(b => b.Language == "csharp");

    private static IEnumerable<CodeBlock> Json => CodeBlock.All.Where(b => b.Language is "json" or "jsonc");

    private static IEnumerable<CodeBlock> Shell => CodeBlock.All.Where(b => b.Language == "sh");

    [Test]
    public void Every_block_has_a_language_that_a_test_checks() =>
        Assert.That(CodeBlock.All.Where(b => !KnownLanguages.Contains(b.Language)), Is.Empty);

    [TestCaseSource(nameof(CSharp))]
    public void Code_compiles_or_is_taken_from_a_file_that_does(object block)
    {
        if (((CodeBlock)block).IsExcerpt)
        {
            return;
        }

        var errors = Compiler.Compile(((CodeBlock)block).Text)
            .Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => d.ToString());

        Assert.That(errors, Is.Empty);
    }

    [TestCaseSource(nameof(Json))]
    public void Settings_can_be_read_and_each_key_has_an_effect(object block)
    {
        var text = ((CodeBlock)block).Text;
        using var json = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        if (json.RootElement.TryGetProperty("Cotyledon", out _))
        {
            var (errors, warnings) = SettingsReader.Read(text);
            Assert.That(errors, Is.Empty);
            Assert.That(warnings, Is.Empty);
        }
    }

    /// <summary>Paths of this repository, targets of the build and packages are those that there are.</summary>
    [TestCaseSource(nameof(Shell))]
    public void What_commands_name_exists(object block)
    {
        var text = ((CodeBlock)block).Text;
        var paths = PathPattern().Matches(text).Select(m => m.Value).Where(p => !p.Contains("/bin/", StringComparison.Ordinal));
        Assert.That(
            paths.Where(p => !Path.Exists(Path.Combine(Repository.Directory, p)) && !p.EndsWith(".db", StringComparison.Ordinal)), Is.Empty);

        var build = Repository.Read("build.cake");
        Assert.That(
            TargetPattern().Matches(text).Select(m => m.Groups[1].Value).Where(t => !build.Contains($"Task(\"{t}\")", StringComparison.Ordinal)),
            Is.Empty);
        Assert.That(
            PackagePattern().Matches(text).Select(m => m.Groups[1].Value)
                .Where(p => !Directory.Exists(Path.Combine(Repository.Directory, "src", p)) && p.StartsWith("Cotyledon", StringComparison.Ordinal)),
            Is.Empty);
    }

    [GeneratedRegex(@"\b(examples|test|src)/[\w./-]+")]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"--target=(\w+)")]
    private static partial Regex TargetPattern();

    [GeneratedRegex(@"dotnet add package ([\w.]+)")]
    private static partial Regex PackagePattern();
}
