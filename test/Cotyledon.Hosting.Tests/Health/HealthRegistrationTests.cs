using Cotyledon.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Tests.Health;

internal sealed class HealthRegistrationTests
{
    [Test]
    public async Task A_liveness_check_and_a_readiness_check_are_registered()
    {
        var services = new ServiceCollection();
        services.AddHealthChecks().AddCotyledon();
        await using var provider = services.BuildServiceProvider();

        var checks = provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations;
        Assert.That(
            checks.Select(c => (c.Name, string.Join(' ', c.Tags))),
            Is.EqualTo(new[] { ("cotyledon-live", "live"), ("cotyledon-ready", "ready") }));
    }

    [Test]
    public async Task Name_failure_status_tags_and_timeout_can_be_set()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHealthChecks().AddCotyledon("workers", HealthStatus.Degraded, ["all"], TimeSpan.FromSeconds(3));
        builder.Services.AddCotyledonWorker<Worker>();
        using var host = builder.Build();

        var checks = host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations;
        Assert.That(
            checks.Select(c => (c.Name, string.Join(' ', c.Tags), c.Timeout)),
            Is.EqualTo(new[] { ("workers-live", "live all", TimeSpan.FromSeconds(3)), ("workers-ready", "ready all", TimeSpan.FromSeconds(3)) }));
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(report.Entries.Values.Select(e => e.Status), Is.All.EqualTo(HealthStatus.Degraded), "the program has not started");
    }

    [Test]
    public async Task The_checks_report_the_status_before_during_and_after_the_run()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHealthChecks().AddCotyledon();
        builder.Services.AddCotyledonWorker<Worker>();
        using var host = builder.Build();
        Assert.That(await CheckAsync(host), Is.EqualTo("Degraded Unhealthy: the supervisor has not started yet"));

        await host.StartAsync();
        await host.Services.GetRequiredService<ICotyledonManager>().ScaleAsync("Worker", 1);
        Assert.That(await CheckAsync(host), Is.EqualTo("Healthy Healthy: All workers are ready."));

        await host.StopAsync();
        Assert.That(await CheckAsync(host), Is.EqualTo("Degraded Unhealthy: the program is stopping"));
    }

    [Test]
    public async Task In_a_worker_both_are_healthy()
    {
        var check = new CotyledonHealthCheck(supervisor: null, [], isReadiness: true);

        var result = await check.CheckHealthAsync(new HealthCheckContext());
        Assert.That((result.Status, result.Description), Is.EqualTo(
            (HealthStatus.Healthy, "This process is a worker; the master reports the health of the services.")));
    }

    [Test]
    public void A_null_builder_is_rejected() =>
        Assert.That(() => ((IHealthChecksBuilder)null!).AddCotyledon(), Throws.ArgumentNullException);

    private static async Task<string> CheckAsync(IHost host)
    {
        var checks = (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries;
        return $"{checks["cotyledon-live"].Status} {checks["cotyledon-ready"].Status}: {checks["cotyledon-ready"].Description}";
    }

    private sealed class Worker : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Delay(Timeout.Infinite, stoppingToken);
    }
}
