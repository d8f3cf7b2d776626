using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>Guarantee 6: an invalid configuration changes nothing that runs, and a valid one reaches all workers.</summary>
/// <remarks>
/// <c>saw-still</c> is on while only invalid edits, or edits without a change, happen. <c>saw-carried</c> lists the processes that
/// must have the valid configuration by then.
/// </remarks>
internal static class BadEdits
{
    public const string Taken = "a worker loaded an invalid configuration";

    private static readonly string[] Movements = ["Started", "Assigned", "Stopping", "Killed", "Exited"];

    public static IEnumerable<Breach> Check(History history) => [.. FindTaken(history), .. Moved(history), .. Missed(history)];

    private static IEnumerable<Breach> FindTaken(History history) => history.Lines
        .Where(l => l.What is "init" or "start" or "reload" && l.Detail.Contains("bad", StringComparison.Ordinal))
        .Select(l => new Breach(6, Taken, [.. LastOf(history, l, "do-spoil"), .. LastOf(history, l, "do-signal"), l]));

    private static IEnumerable<Breach> Moved(History history)
    {
        TraceLine? begin = null;
        foreach (var line in history.Lines)
        {
            if (line.Is("saw-still"))
            {
                begin = line.Detail == "on" ? line : null;
            }
            else if (begin is not null && (line.Is("reload") || Movements.Any(line.IsEvent)))
            {
                yield return new Breach(6, "a worker was reloaded, started or stopped without a valid change", begin, line);
            }
        }
    }

    private static IEnumerable<Breach> Missed(History history)
    {
        foreach (var note in history.Notes("saw-carried"))
        {
            var words = note.Detail.Split(' ');
            foreach (var processId in words[1].Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                var id = int.Parse(processId, CultureInfo.InvariantCulture);
                var worker = history.WorkerHistories.LastOrDefault(w => w.ProcessId == id && w.Begin < note.Time);
                var taken = worker?.OwnLines.LastOrDefault(l => l.Time < note.Time && l.What is "init" or "start" or "reload");
                if (taken?.Detail != words[0])
                {
                    yield return new Breach(6, $"a worker does not have {words[0]}", taken is null ? [note] : [taken, note]);
                }
            }
        }
    }

    private static IEnumerable<TraceLine> LastOf(History history, TraceLine before, string what) =>
        history.Notes(what).Where(n => n.Time <= before.Time).TakeLast(1);
}
