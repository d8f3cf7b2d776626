using Cotyledon.Hosting.Queues;

namespace Cotyledon.Hosting.TestApp;

/// <summary>Takes items, writes each to the file of completed items, and completes it.</summary>
internal sealed class ConsumerService(ICotyledonQueue<WorkItem> queue, IWorkerContext worker) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var delivery in queue.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            worker.ReportAlive();
            switch (delivery.Item.Action)
            {
                case "throw":
                    throw new InvalidOperationException($"item {delivery.Item.Id}, as scripted");
                case "exit":
                    Environment.Exit(5);
                    break;
                case "hang":
                    Trace.Write("hangs", worker, $"{delivery.Item.Id}");
                    await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(false);
                    break;
                case "blockpool" when delivery.Attempt == 1:
                    Script.BlockPool();
                    Trace.Write("hangs", worker, $"{delivery.Item.Id}");
                    Thread.Sleep(Timeout.Infinite);
                    break;
                case "abandon":
                    Trace.Write("abandons", worker, $"{delivery.Item.Id} {delivery.Attempt}");
                    await delivery.AbandonAsync().ConfigureAwait(false);
                    break;
                default:
                    Trace.Done($"{delivery.Item.Id} {delivery.Attempt} {Environment.ProcessId}");
                    await delivery.CompleteAsync().ConfigureAwait(false);
                    break;
            }
        }
    }
}
