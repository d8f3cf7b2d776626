namespace Cotyledon.Hosting;

/// <summary>What became of a reload or a rolling restart.</summary>
/// <param name="Outcome">In one word.</param>
/// <param name="ChangedKeys">The configuration keys whose values changed, in alphabetical order.</param>
/// <param name="Services">What was done to whose workers; empty where nothing was.</param>
/// <param name="Errors">What is wrong with the configuration, or went wrong with workers.</param>
/// <param name="Duration">From the request to its end.</param>
public sealed record ReloadResult(
    ReloadOutcome Outcome,
    IReadOnlyList<string> ChangedKeys,
    IReadOnlyList<ServiceReload> Services,
    IReadOnlyList<string> Errors,
    TimeSpan Duration);

/// <summary>What became of a reload or a rolling restart.</summary>
public enum ReloadOutcome
{
    /// <summary>Nothing had changed, so nothing was done.</summary>
    Unchanged,

    /// <summary>Only settings of Cotyledon had changed: they apply, and no worker was reloaded.</summary>
    SettingsApplied,

    /// <summary>All workers concerned have the new configuration.</summary>
    Reloaded,

    /// <summary>The configuration is bad: nothing was touched, the last good values stay in force.</summary>
    Rejected,

    /// <summary>
    /// Not all workers have the new configuration: the errors name those that could not take it, or say that the supervisor is stopping.
    /// </summary>
    Failed,
}
