using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>
/// Measures how many connections and requests the workers of one service have, for <see cref="ICotyledonManager.MeasureAsync"/>, and with it for
/// the control endpoint and the live page. Implementations are registered as enumerable singletons in the master.
/// </summary>
[Experimental("COTYLEDON001")]
public interface IWorkerLoadSource
{
    /// <summary>Gets the name of the service.</summary>
    string Service { get; }

    /// <summary>
    /// Measures the workers. Each call of <see cref="ICotyledonManager.MeasureAsync"/> that does not share an earlier measurement calls this method, on
    /// a thread of its own, one call at a time. It may block for up to half a second. An exception fails the whole measurement.
    /// </summary>
    /// <returns>The loads of the workers that are known.</returns>
    IReadOnlyList<WorkerLoad> Measure();
}

/// <summary>Contains the connections and requests of one worker.</summary>
[Experimental("COTYLEDON001")]
public sealed record WorkerLoad
{
    /// <summary>Gets the worker id.</summary>
    public required int WorkerId { get; init; }

    /// <summary>Gets the number of open connections.</summary>
    public required int Connections { get; init; }

    /// <summary>Gets the number of requests since the process was started.</summary>
    public required long Requests { get; init; }
}
