namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>A broken guarantee, and the lines that show it.</summary>
internal sealed record Breach(int Guarantee, string Message, params IReadOnlyList<TraceLine> Lines)
{
    public string Describe(History history) =>
        $"Guarantee {Guarantee}, step {history.StepAt(Lines.Count > 0 ? Lines[0].Time : TimeSpan.MaxValue)}: {Message}"
        + string.Concat(Lines.Select(line => $"{Environment.NewLine}    {history.Format(line)}"));
}
