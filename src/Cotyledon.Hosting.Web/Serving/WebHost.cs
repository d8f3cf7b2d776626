using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cotyledon.Hosting.Web.Serving;

/// <summary>Creates the web host of the program in a worker, where the host itself starts no hosted services of the program.</summary>
internal static class WebHost
{
    /// <summary>The hosted service of ASP.NET Core that starts the server. Its type is not public.</summary>
    private const string ServiceName = "Microsoft.AspNetCore.Hosting.GenericWebHostService";

    /// <summary>The category of "Now listening on", which the master logs already.</summary>
    private const string LifetimeCategory = "Microsoft.Hosting.Lifetime";

    /// <summary>Creates the hosted service.</summary>
    /// <param name="registrations">The registrations of the program, complete after it was built.</param>
    /// <param name="services">The services of the process.</param>
    /// <exception cref="InvalidOperationException">The program has no web host.</exception>
    public static IHostedService Create(IServiceCollection registrations, IServiceProvider services)
    {
        var registration = registrations
            .FirstOrDefault(d => d.ServiceType == typeof(IHostedService) && !d.IsKeyedService && d.ImplementationType?.FullName == ServiceName)
            ?? throw new InvalidOperationException($"The program has no {ServiceName}. AddCotyledonWeb needs a WebApplicationBuilder.");
        return (IHostedService)ActivatorUtilities.CreateInstance(
            services, registration.ImplementationType!, new QuietLifetime(services.GetRequiredService<ILoggerFactory>()));
    }

    private sealed class QuietLifetime(ILoggerFactory inner) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) =>
            categoryName == LifetimeCategory ? NullLogger.Instance : inner.CreateLogger(categoryName);

        public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

        public void Dispose()
        {
            // The container disposes of the factory.
        }
    }
}
