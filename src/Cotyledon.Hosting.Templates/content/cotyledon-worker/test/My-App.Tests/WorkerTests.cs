using Cotyledon.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace My_App.Tests;

public class WorkerTests
{
    [Test]
    public async Task Worker_reloads_its_interval_and_stops_with_exit_code_0()
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
