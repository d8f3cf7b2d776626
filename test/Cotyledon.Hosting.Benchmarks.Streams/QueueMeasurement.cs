using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Cotyledon.Hosting.Queues;

namespace Cotyledon.Hosting.Benchmarks;

/// <summary>
/// The same measurement as for <c>multiprocessing.Queue</c>: items per second from one producer, here the master, to the workers, with
/// each item delivered and completed; and the latency of a single item in an idle queue.
/// </summary>
internal sealed class QueueMeasurement(
    ICotyledonQueue<ReadOnlyMemory<byte>> queue, ICotyledonManager manager, IHostApplicationLifetime lifetime) : BackgroundService
{
    private const int LatencyItems = 500;

    private readonly int _part = Setting("BENCH_PART", 100);

    /// <summary>The number of items, or null if the queue is not measured.</summary>
    public static int? Items =>
        Environment.GetEnvironmentVariable("BENCH_QUEUE") is { } items ? int.Parse(items, CultureInfo.InvariantCulture) : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (manager.GetStatus().Any(s => s.Ready < s.Target))
        {
            await Task.Delay(50, stoppingToken);
        }

        await FillAsync(Items!.Value / 10);
        var rate = await FillAsync(Items!.Value);
        for (var i = 0; i < LatencyItems; i++)
        {
            var item = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(item, Stopwatch.GetTimestamp());
            await queue.EnqueueAsync(item, stoppingToken);
            await Task.Delay(1, stoppingToken);
        }

        Report.Send("queue", rate.ToString("F0", CultureInfo.InvariantCulture));
        Console.WriteLine($"{rate:F0} items/s");
        lifetime.StopApplication();
    }

    private static int Setting(string name, int value) =>
        Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : value;

    /// <summary>Enqueues items until all are completed, and returns the items per second.</summary>
    private async Task<double> FillAsync(int count)
    {
        var size = Setting("BENCH_SIZE", 100);
        var payload = new byte[size];
        var payloads = Enumerable.Repeat<ReadOnlyMemory<byte>>(payload, _part).ToArray();
        var done = (await queue.GetStatisticsAsync()).Completed + count;
        var begin = Stopwatch.GetTimestamp();
        for (var left = count; left > 0; left -= _part)
        {
            await (_part == 1 ? queue.EnqueueAsync(payload) : queue.EnqueueRangeAsync(payloads));
        }

        while ((await queue.GetStatisticsAsync()).Completed < done)
        {
            await Task.Yield();
        }

        return count / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}

/// <summary>Completes items; those of eight bytes contain the time at which they were sent.</summary>
internal sealed class QueueConsumer(ICotyledonQueue<ReadOnlyMemory<byte>> queue) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var latencies = new List<double>();
        try
        {
            await foreach (var delivery in queue.ReadAllAsync(stoppingToken))
            {
                if (delivery.Item.Length == 8)
                {
                    var sent = BinaryPrimitives.ReadInt64LittleEndian(delivery.Item.Span);
                    latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
                }

                await delivery.CompleteAsync();
            }
        }
        finally
        {
            if (latencies.Count > 0)
            {
                latencies.Sort();
                Report.Send("latency", latencies[latencies.Count / 2].ToString("F0", CultureInfo.InvariantCulture));
                Console.WriteLine($"latency us: median {latencies[latencies.Count / 2]:F0} of {latencies.Count}, min {latencies[0]:F0}");
            }
        }
    }
}
