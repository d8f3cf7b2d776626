namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Describes a failed run with all that is needed to understand and repeat it.</summary>
internal static class Failure
{
    public static string Describe(int seed, MasterRun run, IReadOnlyList<Breach> breaches, Exception? cause = null)
    {
        var history = run.History;
        var directory = Save(seed, run, history);
        string[] lines =
        [
            $"Seed {seed}, step {run.Notes.Step}{(cause is null ? "" : $": {cause.Message.Split('\n')[0]}")}",
            .. breaches.Take(10).Select(b => b.Describe(history)),
            breaches.Count > 10 ? $"... and {breaches.Count - 10} more" : "",
            $"Again: dotnet cake --target=Chaos --seed={seed}   All lines: {directory}",
        ];
        return string.Join(Environment.NewLine, lines.Where(l => l.Length > 0));
    }

    private static string Save(int seed, MasterRun run, History history)
    {
        var root = Environment.GetEnvironmentVariable("CHAOS_RESULTS") is { Length: > 0 } given ? given : Path.GetTempPath();
        var directory = Directory.CreateDirectory(Path.Combine(root, $"cotyledon-chaos-{seed}")).FullName;
        File.WriteAllLines(Path.Combine(directory, "lines"), history.Lines.Select(history.Format));
        File.WriteAllText(Path.Combine(directory, "output"), run.Program.Output);
        return directory;
    }
}
