using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>
/// Guarantee 3: no process starts after the shutdown began, and none is left after it ended. The master never exits unasked.
/// </summary>
internal static class Ending
{
    public const string DeathWithoutDescriptors = "the master died after a limit of its descriptors";

    /// <summary>The exit code that a shell shows for SIGABRT. Such a master does not wait for its workers.</summary>
    private const string Aborted = "134";

    /// <summary>The kernel counts starts in hundredths of a second.</summary>
    private const double TicksPerSecond = 100;

    public static IEnumerable<Breach> Check(History history) =>
        [.. Deaths(history), .. Starts(history), .. Leftovers(history), .. Exit(history)];

    /// <summary>The master died before it was asked to stop, or aborted during the stop.</summary>
    private static IEnumerable<Breach> Deaths(History history) => history.Lines
        .Where(l => l.Is("saw-death") || (l.Is("saw-exit") && l.Detail == Aborted))
        .Select(note => new Breach(3, Cause(history, note) ?? "the master died without a cause", note));

    private static string? Cause(History history, TraceLine death) =>
        history.WasOn("do-limit", history.Lines[0].Time, death.Time) ? DeathWithoutDescriptors : null;

    private static IEnumerable<Breach> Starts(History history)
    {
        if (history.First("hook-terminate") is not { } stopping)
        {
            yield break;
        }

        foreach (var born in history.Notes("born").Where(b => b.Detail.Length > 0))
        {
            var start = TimeSpan.FromSeconds(long.Parse(born.Detail, CultureInfo.InvariantCulture) / TicksPerSecond);
            if (start > stopping.Time + history.Terms.StartInFlight)
            {
                yield return new Breach(3, "a worker was started after the shutdown had begun", stopping, born);
            }
        }

        if (history.Lines.Count(l => l.Is("hook-terminate")) > 1)
        {
            yield return new Breach(3, "the terminate hook ran more than once", [.. history.Notes("hook-terminate")]);
        }
    }

    private static IEnumerable<Breach> Leftovers(History history) => history.Notes("saw-left")
        .Where(note => note.Detail.Length > 0 && history.First("saw-exit")?.Detail != Aborted)
        .Select(note => new Breach(3, "processes are left after the master has exited", note));

    private static IEnumerable<Breach> Exit(History history)
    {
        if (history.First("saw-exit") is not { } exit || history.End is not { } end)
        {
            yield break;
        }

        var terms = history.Terms;
        if (exit.Time - end.Time > terms.HookTimeout + terms.Graceful + terms.Reserve + terms.Noise)
        {
            yield return new Breach(3, "the stop took too long", end, exit);
        }

        // A master that still starts dies of the signal and traces no end-master.
        var mayExceed = history.Exits.Any(e => e.Reason == "StopTimeout") || end.Detail == "2";
        if (history.First("end-master") is not null && exit.Detail != "0" && !(exit.Detail == "1" && mayExceed))
        {
            yield return new Breach(3, $"the master exited with code {exit.Detail}", end, exit);
        }
    }
}
