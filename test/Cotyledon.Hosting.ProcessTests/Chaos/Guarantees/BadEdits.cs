using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>Guarantee 6: a bad configuration changes nothing that runs; and a good one comes to all.</summary>
/// <remarks>
/// <c>saw-still</c> is on while nothing but a bad edit, or one without a change, happens; <c>saw-carried</c> says which processes
/// must have the good configuration by then.
/// </remarks>
internal static class BadEdits
{
    public const string Taken = "a worker took a bad configuration";

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
                yield return new Breach(6, "a worker was touched, and nothing good had changed", begin, line);
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
                var story = history.Stories.LastOrDefault(s => s.ProcessId == id && s.Begin < note.Time);
                var taken = story?.OwnLines.LastOrDefault(l => l.Time < note.Time && l.What is "init" or "start" or "reload");
                if (taken?.Detail != words[0])
                {
                    yield return new Breach(6, $"a worker has not {words[0]}", taken is null ? [note] : [taken, note]);
                }
            }
        }
    }

    private static IEnumerable<TraceLine> LastOf(History history, TraceLine before, string what) =>
        history.Notes(what).Where(n => n.Time <= before.Time).TakeLast(1);
}
