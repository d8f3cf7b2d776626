using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Cluster;

/// <summary>Adds what is known of the cluster to the status of the program.</summary>
internal static class ClusterReport
{
    private const int MaxNamed = 5;

    /// <summary>Adds the holders of worker ids.</summary>
    public static IReadOnlyList<ServiceStatus> AddTo(IReadOnlyList<ServiceStatus> services, ClusterObservation? observation) =>
        observation is null ? services : [.. services.Select(s => s.ClusterTarget is null ? s : AddTo(s, observation))];

    public static ClusterOverview Of(ClusterDriver driver, TimeSpan? leaseLeft, DateTimeOffset now) => new()
    {
        Name = driver.Settings.Name,
        Store = driver.Store,
        ReadAt = driver.Observation?.ReadAt,
        LeaseEndsAt = now + leaseLeft,
        Problem = driver.Problem,
        Programs = driver.Observation is { } observation
            ? [.. observation.Live.Select(p => ToProgram(p, observation)).OrderBy(p => p.Machine, StringComparer.Ordinal).ThenBy(p => p.ProcessId)]
            : [],
    };

    /// <summary>Returns what degrades the health, apart from the workers.</summary>
    public static IEnumerable<HealthIssue> IssuesOf(ClusterDriver driver, IEnumerable<string> services) =>
        IssuesOf(driver.Problem, driver.Observation, services);

    public static IEnumerable<HealthIssue> IssuesOf(string? problem, ClusterObservation? observation, IEnumerable<string> services)
    {
        if (problem is not null)
        {
            yield return new HealthIssue { Key = "Cluster", Subject = "the cluster store", Problem = problem };
        }

        foreach (var service in observation?.Vacant.GroupBy(v => v.Service) ?? [])
        {
            var ids = string.Join(", ", service.Select(v => v.Id).Order().Take(MaxNamed)) + (service.Count() > MaxNamed ? ", …" : "");
            yield return new HealthIssue { Key = $"Cluster:{service.Key}", Subject = service.Key, Problem = $"no program of the cluster runs worker {ids}" };
        }

        // One issue, because the data of the health checks has one text for each key.
        if (string.Join("; ", observation?.Disagreements(services) ?? []) is { Length: > 0 } disagreements)
        {
            yield return new HealthIssue { Key = "ClusterWorkers", Subject = "the cluster", Problem = disagreements };
        }
    }

    private static ServiceStatus AddTo(ServiceStatus service, ClusterObservation observation)
    {
        var holders = observation.HoldersOf(service.Name);
        return service with { Workers = [.. service.Workers.Select(w => w with { Holder = holders.ElementAtOrDefault(w.WorkerId) })] };
    }

    private static ClusterProgram ToProgram(Pulse pulse, ClusterObservation observation) => new()
    {
        Machine = pulse.Machine,
        ProcessId = pulse.ProcessId,
        IsThis = pulse.Session == observation.Session,
    };

    private static List<ClusterProgram?> HoldersOf(this ClusterObservation observation, string service)
    {
        var programs = observation.Live.ToDictionary(p => p.Session, p => ToProgram(p, observation));
        var roster = observation.View.Rosters.FirstOrDefault(r => r.Value.Service == service).Value;
        return [.. roster?.Ids.Select(i => programs.GetValueOrDefault(i.Owner)) ?? []];
    }
}
