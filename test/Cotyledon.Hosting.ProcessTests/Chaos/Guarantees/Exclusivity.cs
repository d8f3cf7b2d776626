namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>Guarantee 1: at most one live process for each worker id; ids are 0 to n-1.</summary>
internal static class Exclusivity
{
    public static IEnumerable<Breach> Check(History history) =>
        [.. Locks(history), .. Presence(history), .. Assignments(history), .. Ids(history)];

    private static IEnumerable<Breach> Locks(History history) => history.Notes("violation")
        .Select(line => new Breach(1, "another process holds the file of this worker id", line));

    /// <summary>By the lines of the workers.</summary>
    private static IEnumerable<Breach> Presence(History history)
    {
        var stays = history.WorkerHistories
            .Select(worker => worker.OwnLines.Where(l => l.WorkerId >= 0).ToList())
            .Where(lines => lines.Count > 0)
            .GroupBy(lines => (lines[0].Service, lines[0].WorkerId));
        foreach (var slot in stays)
        {
            var inOrder = slot.OrderBy(lines => lines[0].Time).ToList();
            for (var i = 1; i < inOrder.Count; i++)
            {
                if (inOrder[i][0].Time < inOrder[i - 1][^1].Time)
                {
                    yield return new Breach(1, "two processes have one worker id at the same time", inOrder[i][0], inOrder[i - 1][^1]);
                }
            }
        }
    }

    /// <summary>By the events of the supervisor.</summary>
    private static IEnumerable<Breach> Assignments(History history)
    {
        var holders = new Dictionary<(string, int), TraceLine>();
        foreach (var line in history.Events.Where(e => e.Incarnation > 0))
        {
            var slot = (line.Service, line.WorkerId);
            if (line.IsEvent("Assigned"))
            {
                if (holders.TryGetValue(slot, out var holder))
                {
                    yield return new Breach(1, "a worker id was assigned that another process holds", holder, line);
                }

                holders[slot] = line;
            }
            else if (line.IsEvent("Exited"))
            {
                holders.Remove(slot);
            }
        }
    }

    private static IEnumerable<Breach> Ids(History history)
    {
        foreach (var line in history.Events.Where(e => e.IsEvent("Assigned")))
        {
            // From the beginning, because a target may stay in force long after the next request.
            var targets = history.Targets(line.Service, TimeSpan.Zero, line.Time);
            if (targets.Count > 0 && targets.Max(t => int.Parse(t.Detail, null)) <= line.WorkerId)
            {
                yield return new Breach(1, "a worker id beyond every target so far", line, targets[^1]);
            }
        }
    }
}
