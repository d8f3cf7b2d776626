namespace Cotyledon.Hosting;

/// <summary>What a service is doing.</summary>
/// <param name="Name">The service's name.</param>
/// <param name="Target">How many workers it is to have.</param>
/// <param name="Ready">How many of them are ready, idle ones included.</param>
/// <param name="Workers">
/// One entry for each slot of the target, in the order of worker ids, then those that are still leaving.
/// </param>
public sealed record ServiceStatus(string Name, int Target, int Ready, IReadOnlyList<WorkerStatus> Workers);
