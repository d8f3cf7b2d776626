using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>A service that was registered with <c>AddCotyledonWorker</c>.</summary>
internal sealed record WorkerRegistration(string Name, Type ServiceType, Func<IServiceProvider, IHostedService> Create);
