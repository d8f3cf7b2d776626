using System.Collections.ObjectModel;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Worker;

/// <summary>Selects the hosted services of a worker: those that the options name, OpenTelemetry, and <see cref="WorkerService"/>.</summary>
internal static class WorkerHostedServices
{
    /// <summary>
    /// Registers the sequence of hosted services. The container prefers a registration of the sequence itself to single registrations,
    /// wherever it is in the collection, so that the other hosted services run in the master only. The <see cref="WorkerService"/> is created
    /// before the others, because it applies the accepted configuration.
    /// </summary>
    public static void AddTo(IServiceCollection services, Func<IServiceProvider, IHostedService> createWorker)
    {
        services.AddSingleton<IEnumerable<IHostedService>>(provider =>
        {
            var worker = createWorker(provider);
            var created = new List<IHostedService>();
            return new HostedServiceCollection([.. Kept(services, provider).Select(d => Get(d, provider, created)), worker], created);
        });

        // A container that collects single registrations instead would run the hosted services of the master in each worker.
        services.Insert(0, ServiceDescriptor.Singleton(Refuse));
    }

    /// <summary>Whether the registration is the one that stops a worker with an unsuitable container.</summary>
    public static bool IsGuard(ServiceDescriptor descriptor) => ReferenceEquals(descriptor.ImplementationFactory, Refuse);

    public static WorkerService CreateWorker(IServiceCollection services, IServiceProvider provider, Lifeline lifeline) => new(
        provider,
        [.. services.Select(d => d.ImplementationInstance).OfType<WorkerRegistration>()],
        provider.GetRequiredService<IHostApplicationLifetime>(),
        lifeline,
        GuardedLogger.Create(provider.GetRequiredService<ILoggerFactory>()));

    private static readonly Func<IServiceProvider, IHostedService> Refuse = _ => throw new InvalidOperationException(
        "The dependency injection container of this program ignores the registration of IEnumerable<IHostedService>, so that a worker would "
        + "run all hosted services of the master. Use the container of Microsoft.Extensions.DependencyInjection, or another one that prefers "
        + "such a registration, such as Autofac.");

    private static IEnumerable<ServiceDescriptor> Kept(IServiceCollection services, IServiceProvider provider)
    {
        var registered = HostedServiceTypes.RegisteredIn(services).ToList();
        if (registered.Count == 0)
        {
            // Creating the options would add a millisecond to the start of a worker.
            return [];
        }

        var kept = provider.GetRequiredService<IOptions<CotyledonOptions>>().Value.HostedServicesInWorkers;
        return registered.Where(d => HostedServiceTypes.IsKept(d, kept));
    }

    /// <summary>Returns the service of a registration. If it was created here, adds it to <paramref name="created"/>.</summary>
    private static IHostedService Get(ServiceDescriptor descriptor, IServiceProvider provider, List<IHostedService> created)
    {
        if (descriptor.ImplementationInstance is IHostedService supplied)
        {
            return supplied;
        }

        if (descriptor.ImplementationFactory is null && provider.GetService(descriptor.ImplementationType!) is IHostedService ofContainer)
        {
            return ofContainer;
        }

        // A factory may return an object of the container, which is then disposed twice, as in any host.
        var service = (IHostedService)(descriptor.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, descriptor.ImplementationType!));
        created.Add(service);
        return service;
    }

    /// <summary>
    /// The container disposes of this sequence before the dependencies of its services. It does not know the services that were created here, so
    /// the sequence disposes of them.
    /// </summary>
    private sealed class HostedServiceCollection(List<IHostedService> services, List<IHostedService> created)
        : ReadOnlyCollection<IHostedService>(services), IAsyncDisposable, IDisposable
    {
        public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

        public async ValueTask DisposeAsync()
        {
            foreach (var service in created.AsEnumerable().Reverse())
            {
                await ServiceRunner.DisposeAsync(service).ConfigureAwait(false);
            }
        }
    }
}
