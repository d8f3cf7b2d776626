namespace Cotyledon.Hosting;

/// <summary>Describes the result of a reload or a rolling restart.</summary>
/// <example>
/// <code>
/// var result = await manager.RestartAsync("Poller", cancellationToken);
/// logger.LogInformation("{Outcome} after {Duration}", result.Outcome, result.Duration);
/// foreach (var service in result.Services)
/// {
///     logger.LogInformation("{Service}: {Reloaded} reloaded, {Replaced} replaced", service.Service, service.Reloaded, service.Replaced);
/// }
/// </code>
/// </example>
public sealed record ReloadResult
{
    /// <summary>Gets the outcome.</summary>
    public required ReloadOutcome Outcome { get; init; }

    /// <summary>Gets the configuration keys whose values have changed, in alphabetical order.</summary>
    public IReadOnlyList<string> ChangedKeys { get; init; } = [];

    /// <summary>Gets what happened to the workers of each service that was reloaded or restarted.</summary>
    /// <value>Empty if no worker was.</value>
    public IReadOnlyList<ServiceReload> Services { get; init; } = [];

    /// <summary>Gets the errors in the configuration, or the failures of workers.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Gets the time from the request until the last affected worker was done.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>Specifies the outcome of a reload or a rolling restart.</summary>
public enum ReloadOutcome
{
    /// <summary>The configuration has not changed, so no worker was reloaded.</summary>
    Unchanged = 0,

    /// <summary>Only settings of section <c>Cotyledon</c> have changed. They apply, and no worker was reloaded.</summary>
    SettingsApplied = 1,

    /// <summary>All affected workers have the new configuration.</summary>
    Reloaded = 2,

    /// <summary>The configuration is invalid. Nothing has changed, and the last valid configuration stays in use.</summary>
    Rejected = 3,

    /// <summary>
    /// Some workers do not have the new configuration. <see cref="ReloadResult.Errors"/> lists their failures, or states that the master is
    /// stopping, that the service has no such worker, or that this machine of the cluster does not run it.
    /// </summary>
    Failed = 4,
}
