namespace Cotyledon.Hosting;

/// <summary>Describes the result of a change of the number of workers.</summary>
/// <example>
/// <code>
/// var result = await manager.ScaleAsync("Poller", 4, cancellationToken);
/// if (result.Outcome == ScaleOutcome.Failed)
/// {
///     logger.LogError("Scale: {Errors}", string.Join(" ", result.Errors));
/// }
/// </code>
/// </example>
public sealed record ScaleResult
{
    /// <summary>Gets the outcome.</summary>
    public required ScaleOutcome Outcome { get; init; }

    /// <summary>Gets the reasons why the service does not have the requested number of ready workers.</summary>
    /// <value>Empty if it has.</value>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Gets the time from the request until the service reached the number that was requested last, or until the failure.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>Specifies the outcome of a change of the number of workers.</summary>
public enum ScaleOutcome
{
    /// <summary>
    /// The service has the requested number of ready workers. With <see cref="WorkerScope.Cluster"/>: this machine offers to run workers again
    /// that were given up.
    /// </summary>
    Scaled = 0,

    /// <summary>A later change, by a call or by the configuration, has set another number, which the service has now.</summary>
    Superseded = 1,

    /// <summary>
    /// A worker has crashed too often and was given up, a process has not exited after SIGKILL, or the master is stopping. See
    /// <see cref="ScaleResult.Errors"/>.
    /// </summary>
    Failed = 2,
}
