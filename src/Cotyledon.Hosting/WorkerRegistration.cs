using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>One call of <c>AddCotyledonWorker</c>.</summary>
/// <param name="Name">The service's name.</param>
/// <param name="ServiceType">The type that runs.</param>
/// <param name="Create">Makes it, with its registered arguments, in the scope of a worker.</param>
internal sealed record WorkerRegistration(string Name, Type ServiceType, Func<IServiceProvider, IHostedService> Create);
