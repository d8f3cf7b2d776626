using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// Creates the services that search the configuration for their provider in the constructor. Once the configuration has been taken over, they would
/// not find it.
/// </summary>
internal sealed class ProviderSearchers(IServiceCollection services)
{
    public void Create(IServiceProvider provider)
    {
        if (services.FirstOrDefault(IsSearcher) is not { } searcher)
        {
            return;
        }

        try
        {
            _ = provider.GetService(searcher.ServiceType);
        }
        catch (Exception)
        {
            // The configuration has no such provider, for example during development. The program gets the same exception for the service.
        }
    }

    /// <summary>Finds the service that refreshes the values of Azure App Configuration. This package does not reference its type.</summary>
    private static bool IsSearcher(ServiceDescriptor descriptor) => descriptor.ServiceType is
    {
        IsInterface: true,
        Name: "IConfigurationRefresherProvider",
        Namespace: "Microsoft.Extensions.Configuration.AzureAppConfiguration",
    };
}
