namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>Guarantee 5: planned replacements make at most <c>MaxUnavailable</c> workers of a service unavailable at once.</summary>
internal static class PlannedReplacements
{
    /// <summary>The time until a requested worker count is in force or superseded.</summary>
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(6);

    public static IEnumerable<Breach> Check(History history)
    {
        var planned = history.WorkerHistories
            .Where(w => w.Exits.Any(e => e.Reason is "Replaced" or "MaxAge"))
            .Select(w => w.Event("Stopping"))
            .OfType<TraceLine>()
            .ToHashSet<TraceLine>(ReferenceEqualityComparer.Instance);
        return history.Services
            .SelectMany(service => (Breach[])[.. Away(history, service, planned), .. Missing(history, service, planned)]);
    }

    /// <summary>
    /// Counts planned replacements only. A worker id is unavailable from the Stopping event until its next worker is ready, is given
    /// up, or is no longer wanted.
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
                    yield return new Breach(5, $"{away.Count} workers of {service} are unavailable by planned replacements", [.. away.Values]);
                }
            }
        }
    }

    /// <summary>Removes the worker ids that may no longer be wanted.</summary>
    private static void Forget(Dictionary<int, TraceLine> away, IReadOnlyList<TraceLine> targets)
    {
        foreach (var (id, since) in away.ToList())
        {
            if (targets.Any(t => t.Time > since.Time - RequestLimit && int.Parse(t.Detail, null) <= id))
            {
                away.Remove(id);
            }
        }
    }

    /// <summary>
    /// Counts workers that are missing for any reason: then no ready worker may be replaced as planned. Checked only if the worker
    /// count was not changed since all workers had settled, and no edit of the file may still take effect.
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
                    yield return new Breach(5, $"of {target} workers of {service} are unavailable: {string.Join(',', missing)}", line);
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
