using Cotyledon.Hosting;
using Cotyledon.Hosting.Queues;
using Cotyledon.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Telemetry.Meters;
using Telemetry.Samples;

namespace Telemetry.Tests;

/// <summary>Tests one of several workers without starting processes, with <c>Cotyledon.Hosting.Testing</c>.</summary>
public class PollingServiceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestCase(0, new[] { "a", "c" })]
    [TestCase(1, new[] { "b" })]
    public async Task Worker_polls_its_share(int workerId, string[] share)
    {
        await using var worker = await StartAsync(workerId);

        Assert.That(await PolledAsync(worker, share.Length), Is.EquivalentTo(share));
    }

    [Test]
    public async Task A_worker_polls_fewer_meters_when_there_are_more_workers()
    {
        await using var worker = await StartAsync(workerId: 0);
        worker.SetWorkerCount(3);

        Assert.That(await PolledUntilAsync(worker, names => names.TakeLast(3).All(n => n == "a")), Does.Not.Contain("b"));
    }

    [Test]
    public async Task A_new_interval_applies_without_a_restart()
    {
        IDictionary<string, string?> settings = null!;
        await using var worker = await StartAsync(workerId: 1, interval: "01:00:00", configure: o => settings = o.Settings);
        Assert.That(await PolledAsync(worker, 1), Has.Count.EqualTo(1), "the first poll does not wait");
        settings["Telemetry:Interval"] = "00:00:00.01";

        Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Reloaded));
        Assert.That(await PolledAsync(worker, 3), Is.All.EqualTo("b"));
    }

    [Test]
    public async Task The_worker_stops_on_request()
    {
        await using var worker = await StartAsync(workerId: 0, interval: "01:00:00");
        var exit = await worker.StopAsync();

        Assert.That(exit, Is.EqualTo(new TestWorkerExit { Reason = WorkerExitReason.Stopped, ExitCode = 0 }));
    }

    private static Task<TestWorker<PollingService>> StartAsync(
        int workerId, string interval = "00:00:00.01", Action<TestWorkerOptions>? configure = null) =>
        TestWorker.StartAsync<PollingService>(options =>
        {
            (options.WorkerId, options.WorkerCount) = (workerId, 2);
            options.Settings["Telemetry:Interval"] = interval;
            options.Services.AddCotyledonQueue("samples", SampleJson.Default.Sample);
            options.Services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.SectionName);
            options.Services.AddSingleton(new MeterSet([new FakeMeter("a"), new FakeMeter("b"), new FakeMeter("c")]));
            configure?.Invoke(options);
        });

    /// <summary>Returns the meters of the next samples.</summary>
    private static Task<List<string>> PolledAsync(TestWorker<PollingService> worker, int count) =>
        PolledUntilAsync(worker, names => names.Count == count);

    private static async Task<List<string>> PolledUntilAsync(TestWorker<PollingService> worker, Predicate<List<string>> isEnough)
    {
        using var limit = new CancellationTokenSource(Limit);
        var names = new List<string>();
        await foreach (var delivery in worker.Services.GetRequiredService<ICotyledonQueue<Sample>>().ReadAllAsync(limit.Token))
        {
            names.Add(delivery.Item.Meter);
            await delivery.CompleteAsync();
            if (isEnough(names))
            {
                break;
            }
        }

        return names;
    }

    private sealed class FakeMeter(string name) : IMeter
    {
        public string Name => name;

        public string Unit => "u";

        public double? Read() => 1;
    }
}
