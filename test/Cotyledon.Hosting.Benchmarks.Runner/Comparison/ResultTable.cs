using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>Writes the results as a page of Markdown.</summary>
internal static class ResultTable
{
    private const string Nothing = "-";

    private const string Method = """
        - Five workers are killed two seconds apart, and SIGHUP is sent five times. "Later" is the median of the last four times.
          The respawn with a spare worker is compared with the respawn of Cotyledon without one.
        - SIGHUP: workers of Cotyledon and Cotyledon.Hosting reload in place, workers of gunicorn and supervisord are replaced; measured once.
        - Memory and idle load are measured three seconds after the start, the idle load for ten seconds.
        - Rolling restart: Cotyledon.Hosting has its own (`RestartAsync`, the new process starts first). The other systems are
          restarted from outside: SIGTERM to one worker, and to the next one when the successor is ready.
        - A worker id is unused from the exit of the old process (pidfd) until the new process reports ready. Cotyledon waits
          five seconds if it has forked often within a short time; the worker id is unused during this time.
        - Queue: items of 100 bytes from the master until all are completed, compared with multiprocessing.Queue (which has no
          completion). One microsecond per item is a million items per second. Latency: one item every millisecond.
        - Workers of PM2 report through a small Python program, because Node.js has no Unix datagrams; its figures include this.
        """;

    public static string Write(string machine, CompareArguments arguments, Peers peers, Results results)
    {
        var page = new StringBuilder();
        page.AppendLine(machine).AppendLine();
        page.AppendLine(
            CultureInfo.InvariantCulture,
            $"""
            Workers: {arguments.Workers}. Rounds: {arguments.Rounds}, with all systems in each. A cell has the median, (the minimum)
            and the ratio of the median to that of {MeasuredSystem.Baseline}. Less is better. A hyphen means not supported.

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

    /// <summary>Formats median, minimum and ratio.</summary>
    /// <param name="values">One value for each round.</param>
    /// <param name="baseline">The values of the baseline.</param>
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

    /// <summary>Formats a number with about three significant digits.</summary>
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
            yield return $"The start of many workers starts {arguments.Many}.";
        }

        if (peers.Missing.Count > 0)
        {
            yield return $"Not installed: {string.Join(", ", peers.Missing)}.";
        }

        foreach (var failure in results.Failures)
        {
            yield return $"Failed: {failure.ReplaceLineEndings(" ")}";
        }
    }

    private static void AppendRow(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
