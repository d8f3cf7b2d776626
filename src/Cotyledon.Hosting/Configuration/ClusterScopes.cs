using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Configuration;

/// <summary>The scope of each service, and the settings of the cluster. Those of the start stay in use until the program is restarted.</summary>
internal sealed class ClusterScopes(IServiceProvider services)
{
    private Dictionary<string, WorkerScope> _start = [];
    private Dictionary<string, WorkerScope> _read = [];
    private ClusterSettings? _readSettings;

    /// <summary>Whether the program has started, so that changes have no effect any more.</summary>
    public bool IsFixed { get; set; }

    /// <summary>The settings of the cluster; <see langword="null"/> if no service has <see cref="WorkerScope.Cluster"/>.</summary>
    public ClusterSettings? Settings { get; private set; }

    /// <summary>
    /// The error if workers are to run in the process of the master, where a worker cannot be killed; otherwise <see langword="null"/>.
    /// </summary>
    public string? InProcessError => OfCluster is { Count: > 0 } names
        ? $"Cotyledon:Mode is InProcess, but Scope is Cluster for {Names(names)}, which needs worker processes: only a process can be killed before "
            + "another machine takes over. Set Cotyledon:Mode to Processes, or Scope to Program."
        : null;

    public WorkerScope Of(string service) => _start.GetValueOrDefault(service);

    /// <summary>Takes the options.</summary>
    /// <returns>The errors.</returns>
    public IEnumerable<string> Check(CotyledonClusterOptions cluster, IEnumerable<(string Name, CotyledonWorkerOptions Options)> each)
    {
        _read = each.ToDictionary(e => e.Name, e => e.Options.Scope);
        var name = cluster.Name ?? ClusterSettings.NameOf(services.GetService<IHostEnvironment>()?.ApplicationName ?? "");
        _readSettings = new ClusterSettings(name, cluster.LeaseDuration);
        if (!IsFixed)
        {
            _start = _read;
            Settings = OfCluster.Count > 0 ? _readSettings : null;
        }

        if (OfCluster.Count > 0 && HasStore == false)
        {
            yield return $"Scope is Cluster for {Names(OfCluster)}, but no cluster store is registered. Call AddCotyledonPostgresCluster of the "
                + "package Cotyledon.Hosting.Cluster.Postgres in Program.cs, or AddCotyledonNatsCluster of Cotyledon.Hosting.Cluster.Nats, or set Scope to Program.";
        }
    }

    /// <summary>Returns warnings about settings that have no effect.</summary>
    public IEnumerable<string> Warnings(bool isInProcess)
    {
        foreach (var (service, scope) in _read.Where(r => r.Value != Of(r.Key)))
        {
            yield return $"{Key(service)} has changed to {scope}; {Of(service)} stays in use until the program is restarted.";
        }

        if (Settings is not null && _readSettings != Settings)
        {
            yield return $"{CotyledonOptionsSetup.ClusterSection} has changed; the old settings stay in use until the program is restarted.";
        }

        if (OfCluster.Count == 0 && HasStore == true)
        {
            yield return "A cluster store is registered, but no service has the Scope Cluster, so each machine runs all workers. Set Scope of a service to "
                + $"Cluster, in code or as {Key("NAME")}. If a settings file has it, check that this program reads this file.";
        }

        if (isInProcess && OfCluster.Count > 0)
        {
            yield return $"The workers of {Names(OfCluster)} run inside this process, without the cluster: other machines may run workers with the same ids.";
        }
    }

    /// <summary>Whether a cluster store is registered; <see langword="null"/> if the container does not tell.</summary>
    private bool? HasStore => services.GetService<IServiceProviderIsService>()?.IsService(typeof(IClusterStore));

    private List<string> OfCluster => [.. _start.Where(s => s.Value == WorkerScope.Cluster).Select(s => s.Key)];

    private static string Key(string service) =>
        $"{CotyledonWorkerOptionsSetup.ServicesSection}:{service}:{nameof(CotyledonWorkerOptions.Scope)}";

    private static string Names(List<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
