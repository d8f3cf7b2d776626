using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Worker;

/// <summary>The hosted services that the program has registered, by the types that <see cref="CotyledonOptions.HostedServicesInWorkers"/> names.</summary>
internal sealed class HostedServiceTypes(IServiceCollection services)
{
    /// <summary>Without it the traces and metrics of workers are never exported; it has no public type.</summary>
    private const string OpenTelemetryService = "OpenTelemetry.Extensions.Hosting.Implementation.TelemetryHostedService";

    /// <summary>The registrations of hosted services. Keyed ones are not started by the host.</summary>
    public static IEnumerable<ServiceDescriptor> RegisteredIn(IServiceCollection services) =>
        services.Where(d => d.ServiceType == typeof(IHostedService) && !d.IsKeyedService && !WorkerHostedServices.IsGuard(d));

    /// <summary>Whether workers run it too.</summary>
    public static bool IsKept(ServiceDescriptor descriptor, ISet<string> kept) =>
        NameOf(descriptor) is { } name && (name == OpenTelemetryService || kept.Contains(name));

    /// <summary>Names that no hosted service has have no effect, as misspelt ones do.</summary>
    public IEnumerable<string> Warnings(IEnumerable<string> kept)
    {
        string[] known = [.. RegisteredIn(services).Select(NameOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        return kept.Where(name => !known.Contains(name) && name != OpenTelemetryService).Order(StringComparer.Ordinal).Select(name =>
            $"{CotyledonOptions.SectionName}:{nameof(CotyledonOptions.HostedServicesInWorkers)} names '{name}', which has no effect: no hosted "
            + "service of this type is registered. "
            + (known.Length > 0 ? $"Registered are {string.Join(", ", known)}." : "The program registers no hosted service by its type."));
    }

    /// <summary>Null where only the factory knows the type.</summary>
    private static string? NameOf(ServiceDescriptor descriptor)
    {
        var type = descriptor.ImplementationType
            ?? descriptor.ImplementationInstance?.GetType()
            ?? descriptor.ImplementationFactory?.GetType().GenericTypeArguments[1];
        return type == typeof(IHostedService) ? null : type?.FullName;
    }
}
