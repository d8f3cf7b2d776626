using Cotyledon.Hosting;
using Microsoft.Data.Sqlite;
using Telemetry.Samples;

namespace Telemetry;

/// <summary>Reads samples from the queue and stores them, in batches of the samples that are available.</summary>
internal sealed class ProcessingService(ICotyledonQueue<Sample> queue, SampleStore store, ILogger<ProcessingService> logger)
    : BackgroundService
{
    private const int MaxBatch = 100;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not disposed: the loop ends only with an exception, and then the process exits.
        var deliveries = queue.ReadAllAsync(stoppingToken).GetAsyncEnumerator(stoppingToken);
        var next = deliveries.MoveNextAsync().AsTask();
        while (await next)
        {
            var batch = new List<QueueDelivery<Sample>>();
            do
            {
                batch.Add(deliveries.Current);
                next = deliveries.MoveNextAsync().AsTask();
            }
            while (batch.Count < MaxBatch && next.IsCompletedSuccessfully && next.Result);

            if (!await StoreAsync(batch))
            {
                await Task.Delay(RetryDelay, stoppingToken);
            }
        }
    }

    /// <summary>Completes the samples only when their transaction has been committed.</summary>
    private async Task<bool> StoreAsync(List<QueueDelivery<Sample>> batch)
    {
        try
        {
            var added = store.Add(batch.Select(d => d.Item));
            logger.LogDebug("Samples stored: {Added} of {Count}", added, batch.Count);
        }
        catch (SqliteException e)
        {
            logger.LogError("{Count} samples are not stored, and go back to the queue. {Error}", batch.Count, e.Message);
            foreach (var delivery in batch)
            {
                await delivery.AbandonAsync(RetryDelay);
            }

            return false;
        }

        foreach (var delivery in batch)
        {
            await delivery.CompleteAsync();
        }

        return true;
    }
}
