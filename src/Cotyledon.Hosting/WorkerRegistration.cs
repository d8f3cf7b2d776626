using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>A service that was registered with <c>AddCotyledonWorker</c>.</summary>
/// <param name="Name">The name of the service.</param>
/// <param name="ServiceType">The type of the service.</param>
/// <param name="Create">Creates the service with the services of the worker's scope.</param>
internal sealed record WorkerRegistration(string Name, Type ServiceType, Func<IServiceProvider, IHostedService> Create);
