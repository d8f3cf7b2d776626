using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>The results as a page of Markdown.</summary>
internal static class ResultTable
{
    private const string Nothing = "-";

    private const string Method = """
        - A respawn is the median of five workers, killed two seconds apart. One with a spare is compared with Cotyledon's
          without.
        - SIGHUP: workers of Cotyledon and Cotyledon.Hosting reload in place, those of gunicorn and supervisord are replaced.
        - Memory and idleness are measured three seconds after the start, idleness for ten seconds.
        - Rolling restart: Cotyledon.Hosting has one of its own (`RestartAsync`, the new process is started first). The others
          are told from outside: SIGTERM to a worker, to the next one when its successor is ready.
        - A slot is empty from the exit of the old process (pidfd) until the new one reports that it is ready. Cotyledon waits
          five seconds when it has forked often within a short time; a slot stays empty for so long.
        - The queue: items of 100 bytes from the master, until all are completed, and multiprocessing.Queue (which has no
          completion) beside it, a microsecond being a million items a second. Latency: an item every millisecond.
        - Workers of PM2 report by a small Python program, as Node.js has no Unix datagrams; that is in its figures.
        """;

    public static string Write(string machine, CompareArguments arguments, Peers peers, Results results)
    {
        var page = new StringBuilder();
        page.AppendLine(machine).AppendLine();
        page.AppendLine(
            CultureInfo.InvariantCulture,
            $"""
            Workers: {arguments.Workers}. Rounds: {arguments.Rounds}, with all systems in each. A cell has the median, (the minimum),
            and the median's ratio to that of {MeasuredSystem.Baseline}. Less is better. A hyphen: no such thing.

            """);
        AppendRow(page, ["", .. peers.Installed.Select(system => $"{system.Name}<br>{system.Version}")]);
        AppendRow(page, ["---", .. peers.Installed.Select(_ => "---:")]);
        foreach (var figure in Figure.All.Where(f => peers.Installed.Any(system => results.Of(system, f).Count > 0)))
        {
            AppendRow(page, [$"{figure.Name}, {figure.Unit}", .. CellsOf(figure, peers.Installed, results)]);
        }

        page.AppendLine().AppendLine(Method);
        foreach (var note in NotesOn(arguments, peers, results))
        {
            page.Append("- ").AppendLine(note);
        }

        return page.ToString();
    }

    /// <summary>Median, minimum and ratio.</summary>
    /// <param name="values">One for each round.</param>
    /// <param name="baseline">The same of the system that is compared with.</param>
    public static string Cell(IReadOnlyList<double> values, IReadOnlyList<double> baseline)
    {
        if (values.Count == 0)
        {
            return Nothing;
        }

        var median = Statistics.Median(values);
        var cell = $"{Number(median)} ({Number(values.Min())})";
        return baseline.Count > 0 && Statistics.Median(baseline) is > 0 and var other
            ? $"{cell} ×{Number(median / other)}"
            : cell;
    }

    /// <summary>With about three digits that mean something.</summary>
    public static string Number(double value)
    {
        var format = value switch { >= 100 => "F0", >= 10 => "F1", >= 0.1 or 0 => "F2", _ => "F3" };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> CellsOf(Figure figure, IReadOnlyList<MeasuredSystem> systems, Results results)
    {
        var baseline = systems.FirstOrDefault(s => s.IsBaseline) is { } other ? results.Of(other, figure.ComparedWith) : [];
        return systems.Select(system => Cell(results.Of(system, figure), system.IsBaseline ? [] : baseline));
    }

    private static IEnumerable<string> NotesOn(CompareArguments arguments, Peers peers, Results results)
    {
        if (arguments.Many > 0)
        {
            yield return $"Many are {arguments.Many}.";
        }

        if (peers.Missing.Count > 0)
        {
            yield return $"Not there to be measured: {string.Join(", ", peers.Missing)}.";
        }

        foreach (var failure in results.Failures)
        {
            yield return $"Failed: {failure.ReplaceLineEndings(" ")}";
        }
    }

    private static void AppendRow(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
