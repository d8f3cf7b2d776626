using Cotyledon.Hosting.Queues;

namespace Cotyledon.Hosting.TestApp;

/// <summary>Adds <c>Produce</c> items with ids of its own, and traces that.</summary>
internal sealed class ProducerService(ICotyledonQueue<WorkItem> queue, IWorkerContext worker, IConfiguration configuration)
    : CotyledonService
{
    private const int Part = 500;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var count = configuration.GetValue("Produce", 1000);
        for (var first = 0; first < count; first += Part)
        {
            worker.ReportAlive();
            var items = Enumerable.Range(first, Math.Min(Part, count - first)).Select(i => new WorkItem((worker.WorkerId * count) + i));
            await queue.EnqueueRangeAsync([.. items], cancellationToken).ConfigureAwait(false);
        }

        Trace.Write("produced", worker, $"{count}");
    }
}
