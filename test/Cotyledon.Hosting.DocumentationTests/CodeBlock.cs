namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>A fenced block of a document.</summary>
/// <param name="Document">Its path from the top.</param>
/// <param name="Line">The line of the opening fence, from 1.</param>
/// <param name="Language">What stands behind the fence; empty for output.</param>
/// <param name="Text">What stands between the fences.</param>
internal sealed record CodeBlock(string Document, int Line, string Language, string Text)
{
    public static IEnumerable<CodeBlock> All => Repository.Documents.SelectMany(In);

    public static IEnumerable<CodeBlock> In(string document)
    {
        var lines = Repository.Read(document).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                continue;
            }

            var end = Array.FindIndex(lines, i + 1, l => l.TrimEnd() == "```");
            yield return new CodeBlock(document, i + 1, lines[i][3..].Trim(), string.Join('\n', lines[(i + 1)..end]));
            i = end;
        }
    }

    /// <summary>Whether its lines stand in this order in one of the files beside the document.</summary>
    public bool IsExcerpt => Directory
        .EnumerateFiles(Path.Combine(Repository.Directory, Path.GetDirectoryName(Document)!), "*.cs", SearchOption.TopDirectoryOnly)
        .Any(file => HasLinesOf(File.ReadLines(file)));

    /// <summary>Shown as the name of the test.</summary>
    public override string ToString() => $"{Document}:{Line} {Language}";

    private bool HasLinesOf(IEnumerable<string> source)
    {
        var wanted = new Queue<string>(Text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));
        foreach (var line in source)
        {
            if (wanted.TryPeek(out var next) && line.Trim() == next)
            {
                wanted.Dequeue();
            }
        }

        return wanted.Count == 0;
    }
}
