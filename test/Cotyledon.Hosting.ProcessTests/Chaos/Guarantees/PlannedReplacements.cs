namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>Guarantee 5: planned replacements never take more than <c>MaxUnavailable</c> workers of a service away at once.</summary>
internal static class PlannedReplacements
{
    /// <summary>What somebody asked for may be in force only after this long, or may have been overtaken.</summary>
    private static readonly TimeSpan WishLimit = TimeSpan.FromSeconds(6);

    public static IEnumerable<Breach> Check(History history)
    {
        var planned = history.Stories
            .Where(s => s.Exits.Any(e => e.Reason is "Replaced" or "MaxAge"))
            .Select(s => s.Event("Stopping"))
            .OfType<TraceLine>()
            .ToHashSet<TraceLine>(ReferenceEqualityComparer.Instance);
        return Terms.Services
            .SelectMany(service => (Breach[])[.. Away(history, service, planned), .. Missing(history, service, planned)]);
    }

    /// <summary>
    /// By the plan alone. A slot is away from the event that its worker is to leave until its next one is ready, was given up, or
    /// is not wanted any more.
    /// </summary>
    private static IEnumerable<Breach> Away(History history, string service, HashSet<TraceLine> planned)
    {
        var away = new Dictionary<int, TraceLine>();
        foreach (var line in history.Events.Where(e => e.Service == service))
        {
            if (line.IsEvent("Ready") || line.IsEvent("GaveUp"))
            {
                away.Remove(line.WorkerId);
            }
            else if (planned.Contains(line))
            {
                away[line.WorkerId] = line;
                Forget(away, history.Targets(service, TimeSpan.Zero, line.Time));
                if (away.Count > history.Terms.MaxUnavailable(service))
                {
                    yield return new Breach(5, $"{away.Count} workers of {service} are away by plan", [.. away.Values]);
                }
            }
        }
    }

    /// <summary>Those that may not be wanted any more.</summary>
    private static void Forget(Dictionary<int, TraceLine> away, IReadOnlyList<TraceLine> targets)
    {
        foreach (var (id, since) in away.ToList())
        {
            if (targets.Any(t => t.Time > since.Time - WishLimit && int.Parse(t.Detail, null) <= id))
            {
                away.Remove(id);
            }
        }
    }

    /// <summary>
    /// With all that are missing for whatever reason: a plan takes no working one away then. Only where nobody has
    /// asked for another target since all had settled, and no edit of the file may still be on its way.
    /// </summary>
    private static IEnumerable<Breach> Missing(History history, string service, HashSet<TraceLine> planned)
    {
        var ready = new HashSet<int>();
        var givenUp = new HashSet<int>();
        foreach (var line in history.Events.Where(e => e.Service == service && e.Incarnation > 0))
        {
            var worked = ready.Contains(line.WorkerId);
            Follow(line, ready, givenUp);
            var sure = history.Notes("saw-settled").LastOrDefault(n => n.Time < line.Time)?.Time ?? TimeSpan.Zero;
            var targets = history.Lines
                .Where(l => l.Is("do-target", service) && l.Time >= sure && l.Time <= line.Time)
                .Select(l => l.Detail)
                .Distinct()
                .ToList();
            var mayChange = history.Notes("do-edit").Any(n => n.Time <= line.Time && n.Time > line.Time - history.Terms.EditLimit);
            if (worked && planned.Contains(line) && targets is [var target] && !mayChange)
            {
                var missing = Enumerable.Range(0, int.Parse(target, null)).Except(ready).Except(givenUp).ToList();
                if (missing.Count > history.Terms.MaxUnavailable(service))
                {
                    yield return new Breach(5, $"of {target} workers of {service} these are away: {string.Join(',', missing)}", line);
                }
            }
        }
    }

    private static void Follow(TraceLine line, HashSet<int> ready, HashSet<int> givenUp)
    {
        switch (line.Detail.Split(' ')[0])
        {
            case "Ready":
                ready.Add(line.WorkerId);
                break;
            case "Assigned":
                givenUp.Remove(line.WorkerId);
                break;
            case "GaveUp":
                givenUp.Add(line.WorkerId);
                break;
            case "Stopping" or "Killed" or "Exited":
                ready.Remove(line.WorkerId);
                break;
        }
    }
}
