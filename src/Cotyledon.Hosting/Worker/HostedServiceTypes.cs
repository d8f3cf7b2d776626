using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Worker;

/// <summary>Finds the hosted services of the program that <see cref="CotyledonOptions.HostedServicesInWorkers"/> names.</summary>
internal sealed class HostedServiceTypes(IServiceCollection services)
{
    /// <summary>Workers always run this service, which exports their traces and metrics. Its type is not public.</summary>
    private const string OpenTelemetryService = "OpenTelemetry.Extensions.Hosting.Implementation.TelemetryHostedService";

    /// <summary>Returns the registrations of hosted services, without keyed ones, which the host does not start.</summary>
    public static IEnumerable<ServiceDescriptor> RegisteredIn(IServiceCollection services) =>
        services.Where(d => d.ServiceType == typeof(IHostedService) && !d.IsKeyedService && !WorkerHostedServices.IsGuard(d));

    /// <summary>Returns whether workers run the service too.</summary>
    public static bool IsKept(ServiceDescriptor descriptor, ISet<string> kept) =>
        NameOf(descriptor) is { } name && (name == OpenTelemetryService || kept.Contains(name));

    /// <summary>Returns a warning for each name that no hosted service has, for example a misspelt one.</summary>
    public IEnumerable<string> Warnings(IEnumerable<string> kept)
    {
        string[] known = [.. RegisteredIn(services).Select(NameOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        return kept.Where(name => !known.Contains(name) && name != OpenTelemetryService).Order(StringComparer.Ordinal).Select(name =>
            $"{CotyledonOptions.SectionName}:{nameof(CotyledonOptions.HostedServicesInWorkers)} names '{name}', which has no effect: no hosted "
            + "service of this type is registered. "
            + (known.Length > 0 ? $"The registered types are {string.Join(", ", known)}." : "No hosted service is registered by its type."));
    }

    /// <summary>Returns the name of the type, or <see langword="null"/> if only the factory knows the type.</summary>
    private static string? NameOf(ServiceDescriptor descriptor)
    {
        var type = descriptor.ImplementationType
            ?? descriptor.ImplementationInstance?.GetType()
            ?? descriptor.ImplementationFactory?.GetType().GenericTypeArguments[1];
        return type == typeof(IHostedService) ? null : type?.FullName;
    }
}
