namespace Cotyledon.Hosting;

/// <summary>What a reload or a rolling restart did to the workers of one service.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Reloaded">How many took the new configuration in place.</param>
/// <param name="Replaced">How many were replaced by new processes.</param>
/// <param name="Failures">What went wrong with others; they are as they were, or restarted by the usual rules.</param>
public sealed record ServiceReload(string Service, int Reloaded, int Replaced, IReadOnlyList<string> Failures);
