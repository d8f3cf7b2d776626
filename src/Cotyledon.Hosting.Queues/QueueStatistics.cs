namespace Cotyledon.Hosting;

/// <summary>The counts of a queue.</summary>
/// <param name="Waiting">Items that nobody has taken, those with a delay included.</param>
/// <param name="Taken">Items that somebody has taken and not completed.</param>
/// <param name="Completed">Items completed since the master was started.</param>
/// <param name="Redelivered">How often an item was taken that had been taken before, since the master was started.</param>
/// <param name="Dead">Items that were given up.</param>
public sealed record QueueStatistics(long Waiting, long Taken, long Completed, long Redelivered, long Dead);
