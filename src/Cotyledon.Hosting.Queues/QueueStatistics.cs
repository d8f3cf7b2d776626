namespace Cotyledon.Hosting.Queues;

/// <summary>Contains the numbers of a queue.</summary>
public sealed record QueueStatistics
{
    /// <summary>Gets the number of items that wait for a reader, delayed ones included.</summary>
    public required long Waiting { get; init; }

    /// <summary>Gets the number of items that were delivered and are not completed yet.</summary>
    public required long Taken { get; init; }

    /// <summary>Gets the number of items that were completed since the start of the program.</summary>
    public required long Completed { get; init; }

    /// <summary>Gets the number of deliveries of items that had been delivered before, since the start of the program.</summary>
    public required long Redelivered { get; init; }

    /// <summary>Gets the number of dead items.</summary>
    public required long Dead { get; init; }
}
