using Cotyledon.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace My_App.Tests;

public class WorkerTests
{
    [Test]
    public async Task A_worker_takes_a_new_interval_and_leaves_when_it_is_told_to()
    {
        IDictionary<string, string?> settings = null!;
        await using var worker = await TestWorker.StartAsync<Worker>(options =>
        {
            (options.WorkerId, options.WorkerCount) = (1, 2);
            options.Services.AddOptions<WorkerOptions>().BindConfiguration(WorkerOptions.Section);
            settings = options.Settings;
        });

        settings["Worker:Interval"] = "00:00:01";
        Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Reloaded));
        Assert.That(worker.Service.Interval, Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That((await worker.StopAsync()).ExitCode, Is.Zero);
    }
}
