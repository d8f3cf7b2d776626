using Cotyledon.Hosting.Cli.Client;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>A row of <c>ps</c>.</summary>
/// <param name="Service">The service.</param>
/// <param name="Worker">The worker; <see langword="null"/> for a service that has none.</param>
internal readonly record struct WorkerRow(ServiceRecord Service, WorkerRecord? Worker);
