using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Finds keys in section <c>Cotyledon</c> that have no effect: misspelt keys, and services that are not registered.</summary>
internal static class UnknownKeys
{
    private static readonly HashSet<string> Known = new(
        [.. typeof(CotyledonOptions).GetProperties().Select(p => p.Name), "Services", "Queues", "Web"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> KnownOfControl = new(
        typeof(CotyledonControlOptions).GetProperties().Select(p => p.Name), StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> KnownOfService = new(
        typeof(CotyledonWorkerOptions).GetProperties().Select(p => p.Name), StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> In(IConfiguration configuration, IReadOnlyCollection<string> services)
    {
        foreach (var child in configuration.GetSection(CotyledonOptions.SectionName).GetChildren())
        {
            if (!Known.Contains(child.Key))
            {
                yield return $"{child.Path} is not a known setting of Cotyledon.Hosting; it has no effect.";
            }
        }

        foreach (var child in configuration.GetSection(CotyledonOptionsSetup.ControlSection).GetChildren())
        {
            if (!KnownOfControl.Contains(child.Key))
            {
                yield return $"{child.Path} is not a known setting of the control endpoint; it has no effect.";
            }
        }

        foreach (var service in configuration.GetSection(CotyledonWorkerOptionsSetup.ServicesSection).GetChildren())
        {
            if (!services.Contains(service.Key, StringComparer.OrdinalIgnoreCase))
            {
                yield return $"{service.Path} has no effect: no service '{service.Key}' is registered. Registered services: "
                    + $"{string.Join(", ", services)}.";
                continue;
            }

            foreach (var child in service.GetChildren().Where(c => !KnownOfService.Contains(c.Key)))
            {
                yield return $"{child.Path} is not a known setting of a service; it has no effect.";
            }
        }
    }
}
