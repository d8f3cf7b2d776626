namespace Cotyledon.Hosting.Health;

/// <summary>A component of the master that can have a problem without failing. Health is degraded while it has one.</summary>
internal interface IHealthIssueSource
{
    /// <summary>The present problems. Does not wait.</summary>
    IEnumerable<HealthIssue> HealthIssues { get; }
}

/// <summary>A problem that does not stop the program, such as a server that is unavailable.</summary>
/// <param name="Key">The key in the data of the health check: <c>Queues:samples</c>.</param>
/// <param name="Text">The component as the start of a sentence: <c>queue 'samples'</c>.</param>
/// <param name="Problem">The description of the problem.</param>
internal sealed record HealthIssue(string Key, string Text, string Problem);
