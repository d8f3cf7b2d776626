namespace Cotyledon.Hosting.Queues.Tests;

internal static class Statistics
{
    public static QueueStatistics Of(long waiting, long taken, long completed, long redelivered, long dead) =>
        new() { Waiting = waiting, Taken = taken, Completed = completed, Redelivered = redelivered, Dead = dead };
}
