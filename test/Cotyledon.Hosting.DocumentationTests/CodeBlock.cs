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

    /// <summary>Shown as the name of the test.</summary>
    public override string ToString() => $"{Document}:{Line} {Language}";
}
