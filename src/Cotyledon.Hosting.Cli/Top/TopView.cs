using System.Globalization;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Top;

/// <summary>The lines of the screen, for a size.</summary>
internal sealed class TopView(Clock clock, Style style, string program)
{
    private const int FixedLines = 4; // Header, sort and filter, names of the columns, keys.
    private const string Keys = "q quit  s service  c cpu  m memory  r restarts  u up  / filter  arrows scroll";

    private static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(5);

    /// <summary>The number of rows of workers that fit.</summary>
    public static int RowsIn(int height) => Math.Max(1, height - FixedLines);

    /// <returns>The lines, and the first row among them. Without it, keys would scroll back through rows that do not exist.</returns>
    public (IReadOnlyList<string> Lines, int Offset) Render(TopState state, DateTimeOffset now, int width, int height)
    {
        if (state.Status is not { } status)
        {
            return (Fit([$"{program}  (no answer yet)"], width, height), 0);
        }

        var rows = Sorted(StatusText.Rows(status).Where(row => Matches(row, state.Filter)), state.Sort).ToList();
        var notes = new StatusText(clock, Style.None).Notes(status).Take(Math.Max(0, height / 4)).ToList();
        var page = Math.Max(1, RowsIn(height) - notes.Count);
        var offset = Math.Clamp(state.Offset, 0, Math.Max(0, rows.Count - page));
        var table = new StatusText(clock, Style.None).Table(rows);
        var lines = Fit(
            [
                new StatusText(clock, Style.None).Header(program, status.Overview) + Late(state, now),
                Position(state, rows.Count, offset, page),
                table[0],
                .. table.Skip(1 + offset).Take(page),
                .. notes,
                Keys,
            ],
            width,
            height);
        return (lines, offset);
    }

    /// <summary>Cuts each line, so that none wraps, and colours it afterwards.</summary>
    private List<string> Fit(IReadOnlyList<string> lines, int width, int height) =>
    [
        .. lines.Take(height).Select((line, i) =>
            style.Of(SafeText.Cut(line, width), i == 0 ? Tone.Bold : i == 2 ? Tone.Inverse : Tone.Plain)),
    ];

    private static string Position(TopState state, int count, int offset, int page)
    {
        var filter = state.EditsFilter ? $"  filter: {SafeText.Escape(state.Filter)}_" : state.Filter.Length > 0 ? $"  filter: {SafeText.Escape(state.Filter)}" : "";
        var shown = count > page ? FormattableString.Invariant($"  rows {offset + 1}-{Math.Min(count, offset + page)} of {count}") : "";
        return $"sorted by {WorkerText.Words(state.Sort.ToString())}{filter}{shown}";
    }

    private static string Late(TopState state, DateTimeOffset now) =>
        now - state.AnsweredAt > LateAfter ? $"  NO ANSWER FOR {Durations.Age(now - state.AnsweredAt)}" : "";

    private static bool Matches(WorkerRow row, string filter) => filter.Length == 0
        || Contains(row.Service.Name, filter)
        || Contains(WorkerText.Words(row.Worker?.State), filter)
        || Contains(row.Worker?.Pid?.ToString(CultureInfo.InvariantCulture), filter)
        || Contains(WorkerText.Exit(row.Worker?.LastExit), filter);

    private static bool Contains(string? text, string filter) => text?.Contains(filter, StringComparison.OrdinalIgnoreCase) == true;

    private static IEnumerable<WorkerRow> Sorted(IEnumerable<WorkerRow> rows, TopSort sort) => sort switch
    {
        TopSort.Cpu => rows.OrderByDescending(row => row.Worker?.Usage?.Cpu ?? -1),
        TopSort.Memory => rows.OrderByDescending(row => row.Worker?.Usage?.Memory ?? -1),
        TopSort.Restarts => rows.OrderByDescending(row => row.Worker?.Restarts ?? -1),
        TopSort.Up => rows.OrderBy(row => row.Worker?.StartedAt ?? DateTimeOffset.MaxValue),
        _ => rows,
    };
}
