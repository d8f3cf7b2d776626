namespace Cotyledon.Hosting.Cluster;

/// <summary>The records that a session has read last.</summary>
/// <param name="View">The records.</param>
/// <param name="Session">The session of this program.</param>
/// <param name="ReadAt">The time of the answer.</param>
internal sealed record ClusterObservation(ClusterView View, string Session, DateTimeOffset ReadAt)
{
    /// <summary>The worker ids that no program has held for the length of a lease.</summary>
    public IReadOnlyList<(string Service, int Id)> Vacant { get; init; } = [];

    /// <summary>Returns how many worker ids of a service other live sessions hold.</summary>
    public int HeldByOthers(string service)
    {
        var others = Live.Select(p => p.Session).Where(s => s != Session).ToHashSet();
        return View.Rosters.FirstOrDefault(r => r.Value.Service == service).Value?.Ids.Count(i => others.Contains(i.Owner)) ?? 0;
    }

    /// <summary>Returns the worker ids that no live session holds.</summary>
    public IEnumerable<(string Service, int Id)> VacantOf(IEnumerable<string> services)
    {
        var live = Live.Select(p => p.Session).ToHashSet();
        foreach (var name in services)
        {
            var count = Live.SelectMany(p => p.Services).Where(s => s.Name == name).Select(s => s.Workers).DefaultIfEmpty().Max();
            var ids = View.Rosters.FirstOrDefault(r => r.Value.Service == name).Value?.Ids ?? [];
            for (var id = 0; id < count; id++)
            {
                if (id >= ids.Count || !live.Contains(ids[id].Owner))
                {
                    yield return (name, id);
                }
            }
        }
    }

    /// <summary>Returns the sessions that have not ended.</summary>
    public IEnumerable<Pulse> Live => View.Pulses.Where(p => !p.Value.HasEnded).Select(p => p.Value);

    /// <summary>Describes each service for which the machines have different numbers of workers.</summary>
    public IEnumerable<string> Disagreements(IEnumerable<string> services) =>
        from name in services
        let numbers = (from pulse in Live
                       from service in pulse.Services
                       where service.Name == name
                       group pulse by service.Workers into equal
                       orderby equal.Key descending
                       select equal).ToList()
        where numbers.Count > 1
        select $"{name}: the machines are configured with different numbers of workers; the largest number applies: "
            + string.Join("; ", numbers.Select(n => $"{n.Key} on {string.Join(", ", n.Select(p => p.Machine).Distinct().Take(3))}"));
}
