using Cotyledon.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Tests.Health;

internal sealed class HealthRegistrationTests
{
    [Test]
    public async Task There_is_a_check_for_each_of_the_usual_questions()
    {
        var services = new ServiceCollection();
        services.AddHealthChecks().AddCotyledon();
        await using var provider = services.BuildServiceProvider();

        var checks = provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations;
        Assert.That(
            checks.Select(c => (c.Name, string.Join(' ', c.Tags))),
            Is.EqualTo(new[] { ("cotyledon-live", "live"), ("cotyledon-ready", "ready") }));
    }

    /// <summary>These tests run in a test host, which no supervisor starts.</summary>
    [Test]
    public async Task Where_no_workers_are_started_both_are_healthy()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHealthChecks().AddCotyledon();
        using var host = builder.Build();
        await host.StartAsync();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(report.Entries.Values.Select(e => e.Status), Is.EqualTo(new[] { HealthStatus.Healthy, HealthStatus.Healthy }));
        Assert.That(report.Entries.Values.First().Description, Does.StartWith("No workers are started"));
    }

    [Test]
    public async Task In_a_worker_both_are_healthy()
    {
        var check = new CotyledonHealthCheck(supervisor: null, [], isReadiness: true);

        var result = await check.CheckHealthAsync(new HealthCheckContext());
        Assert.That((result.Status, result.Description), Is.EqualTo(
            (HealthStatus.Healthy, "This is a worker; its master answers for the services.")));
    }

    [Test]
    public void There_must_be_a_builder() =>
        Assert.That(() => ((IHealthChecksBuilder)null!).AddCotyledon(), Throws.ArgumentNullException);
}
