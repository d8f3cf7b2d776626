using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Cluster.Nats;

/// <summary>Validates the options at the start and at each reload. A change has no effect until the program is restarted.</summary>
internal sealed class NatsOptionsCheck(IServiceProvider services, IOptionsFactory<CotyledonNatsClusterOptions> options) : IConfigurationCheck
{
    public const string MissingUrl = NatsOptionsSetup.UrlKey + " is not set. Set it to the address of a NATS server, such as 'nats://nats1:4222'.";

    /// <summary>With the keys of other stores, whose programs may share the file.</summary>
    private static readonly HashSet<string> Known = new(
        [nameof(CotyledonClusterOptions.Name), nameof(CotyledonClusterOptions.LeaseDuration), nameof(CotyledonNatsClusterOptions.Url), "ConnectionString"],
        StringComparer.OrdinalIgnoreCase);

    private string? _start;
    private string? _read;

    public void Check()
    {
        _read = options.Create(Options.DefaultName).Url;
        _start ??= _read;

        // A missing address is an error only if a service needs it.
        if (_read is not null && NatsServers.Unreadable(_read) is { } part)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(CotyledonNatsClusterOptions), [
                $"{NatsOptionsSetup.UrlKey} has '{part}', which is not the address of a NATS server: nats://, tls://, ws:// or wss://, then the host."]);
        }
    }

    public IEnumerable<string> Warnings()
    {
        var section = services.GetService<IConfiguration>()?.GetSection(NatsOptionsSetup.Section).GetChildren() ?? [];
        foreach (var child in section.Where(c => !Known.Contains(c.Key)))
        {
            yield return $"{child.Path} is not a known setting of the cluster; it has no effect.";
        }

        if (_read != _start)
        {
            yield return $"{NatsOptionsSetup.UrlKey} has changed; the old address stays in use until the program is restarted.";
        }
    }
}
