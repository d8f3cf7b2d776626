using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Configuration;

/// <summary>
/// Validates the options at the start and at each reload, and warns of unknown keys and of changes that have no effect yet. Rejects changes that
/// the server of the master does not apply, because its new workers would then wait for addresses that it has not bound.
/// </summary>
internal sealed class WebOptionsCheck(
    IConfiguration configuration,
    IHostEnvironment environment,
    IOptionsFactory<CotyledonWebOptions> options,
    IOptionsFactory<CotyledonWorkerOptions> workerOptions,
    IOptionsFactory<CotyledonOptions> allOptions) : IConfigurationCheck
{
    private const string Endpoints = "Kestrel:Endpoints";

    private static readonly HashSet<string> Keys = new(
        typeof(CotyledonWebOptions).GetProperties().Select(p => p.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>The options that the master uses. Workers read the others, so each new worker has the new values.</summary>
    private static readonly string[] KeysOfMaster =
        [nameof(CotyledonWebOptions.MaxConnectionWait), nameof(CotyledonWebOptions.Affinity), nameof(CotyledonWebOptions.MasterEndpoints)];

    /// <summary>The settings of addresses that ASP.NET Core reads at the start only.</summary>
    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    /// <summary>The time that a worker that stops may need in addition to the drain.</summary>
    private static readonly TimeSpan AfterDrain = TimeSpan.FromSeconds(2);

    private Dictionary<string, string?>? _inForce;
    private Dictionary<string, string?>? _fixed;

    public void Check()
    {
        options.Create(Options.DefaultName);
        _inForce ??= Values();
        _fixed ??= FixedAddresses();
        List<string> failures = [.. Changes(_fixed, FixedAddresses()).Select(key =>
            $"{key} has changed. The program reads these at the start only: addresses in urls, http_ports and https_ports, endpoints with port 0, and "
            + $"whether {Endpoints} has an endpoint. Start the program again.")];
        if (workerOptions.Create(CotyledonWeb.ServiceName).WaitForMarkReady)
        {
            failures.Add(
                $"Cotyledon:Services:{CotyledonWeb.ServiceName}:{nameof(CotyledonWorkerOptions.WaitForMarkReady)} is true; it must be false, because the "
                + "code of requests cannot call MarkReady. A hook for new workers can delay the first connection.");
        }

        failures.AddRange(MissingCertificates());
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(WebOptionsSetup.Section, typeof(CotyledonWebOptions), failures);
        }
    }

    public IEnumerable<string> Warnings()
    {
        foreach (var child in configuration.GetSection(WebOptionsSetup.Section).GetChildren().Where(c => !Keys.Contains(c.Key)))
        {
            yield return $"{child.Path} is not a known setting of Cotyledon.Hosting.Web; it has no effect.";
        }

        var drain = options.Create(Options.DefaultName).DrainTimeout;
        var graceful = workerOptions.Create(CotyledonWeb.ServiceName).GracefulShutdownTimeout
            ?? allOptions.Create(Options.DefaultName).GracefulShutdownTimeout;
        if (graceful > TimeSpan.Zero && drain + AfterDrain > graceful)
        {
            yield return $"{WebOptionsSetup.Section}:{nameof(CotyledonWebOptions.DrainTimeout)} is {drain}, and the graceful timeout of the service "
                + $"{CotyledonWeb.ServiceName} is {graceful}. The graceful timeout must be at least {AfterDrain.TotalSeconds} seconds longer than {nameof(CotyledonWebOptions.DrainTimeout)}; otherwise requests in progress are aborted.";
        }

        foreach (var key in Changes(_inForce!, Values()))
        {
            yield return $"{key} is read at the start only; the new value takes effect when the program is started again.";
        }
    }

    private static IEnumerable<string> Changes(Dictionary<string, string?> before, Dictionary<string, string?> now) =>
        now.Keys.Union(before.Keys).Where(k => now.GetValueOrDefault(k) != before.GetValueOrDefault(k));

    private Dictionary<string, string?> Values() => KeysOfMaster
        .SelectMany(key => configuration.GetSection($"{WebOptionsSetup.Section}:{key}").AsEnumerable())
        .ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The addresses that cannot change, with those of endpoints with port 0, by which master and workers could not agree. If there is any endpoint,
    /// a server that starts ignores the other addresses, but the server of the master keeps them.
    /// </summary>
    private Dictionary<string, string?> FixedAddresses()
    {
        var endpoints = configuration.GetSection(Endpoints).GetChildren().ToList();
        var fixedEndpoints = endpoints
            .Where(e => e["Url"]?.EndsWith(":0", StringComparison.Ordinal) == true)
            .Select(e => KeyValuePair.Create($"{e.Path}:Url", e["Url"]));
        return AddressKeys.Select(key => KeyValuePair.Create(key, configuration[key])).Concat(fixedEndpoints)
            .Append(KeyValuePair.Create(Endpoints, endpoints.Count > 0 ? "any" : null))
            .ToDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Finds files of certificates that do not exist. The server of a worker would fail to start with them.</summary>
    private IEnumerable<string> MissingCertificates() =>
        configuration.GetSection("Kestrel").AsEnumerable()
            .Where(pair => pair.Value is { Length: > 0 }
                && (pair.Key.EndsWith(":Path", StringComparison.OrdinalIgnoreCase) || pair.Key.EndsWith(":KeyPath", StringComparison.OrdinalIgnoreCase))
                && pair.Key.Contains("Certificate", StringComparison.OrdinalIgnoreCase))
            .Where(pair => !File.Exists(Path.Combine(environment.ContentRootPath, pair.Value!)))
            .Select(pair => $"{pair.Key} is '{pair.Value}'; it must be a file that exists.");
}
