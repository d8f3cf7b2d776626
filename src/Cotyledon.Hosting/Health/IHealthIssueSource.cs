namespace Cotyledon.Hosting.Health;

/// <summary>A part of the master that may be in trouble without failing: health is degraded meanwhile.</summary>
internal interface IHealthIssueSource
{
    /// <summary>What is wrong at this moment. Does not wait.</summary>
    IEnumerable<HealthIssue> HealthIssues { get; }
}

/// <summary>Something is wrong, and will be well again by itself or by somebody else.</summary>
/// <param name="Key">What, in the data of the health check: <c>Queues:samples</c>.</param>
/// <param name="Text">What, as the begin of a sentence: <c>queue 'samples'</c>.</param>
/// <param name="Problem">What is wrong with it.</param>
internal sealed record HealthIssue(string Key, string Text, string Problem);
