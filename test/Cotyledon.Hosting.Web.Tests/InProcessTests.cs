using Cotyledon.Hosting.Web.Passing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Web.Tests;

/// <summary>In a test host, the server of the process serves all requests.</summary>
internal sealed class InProcessTests
{
    [Test]
    public async Task Server_of_the_test_host_serves_the_requests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddCotyledonWeb(workers: 3);
        await using var app = builder.Build();
        app.MapGet("/", () => $"{Environment.ProcessId}");
        await app.StartAsync();
        using var client = new HttpClient();
        Assert.That(await client.GetStringAsync(new Uri(app.Urls.Single())), Is.EqualTo($"{Environment.ProcessId}"));
        var manager = app.Services.GetRequiredService<ICotyledonManager>();
        Assert.That(manager.GetOverview().IsInProcess);
        Assert.That((await manager.MeasureAsync()).Single().Connections, Is.Null);
        Assert.That(app.Services.GetRequiredService<MasterListenerFactory>().Measure(), Is.Empty, "there is no dispatcher");
        client.Dispose();
        await app.StopAsync();
    }

    [Test]
    public void Second_call_is_an_error()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddCotyledonWeb();
        Assert.That(() => builder.AddCotyledonWeb(), Throws.InvalidOperationException.With.Message.EqualTo("AddCotyledonWeb was called twice. Call it only once."));
    }

    [Test]
    public void Parts_that_each_process_has_of_its_own_are_found()
    {
        var services = new ServiceCollection();
        services.AddMemoryCache();
        services.AddOutputCache();
        services.AddRateLimiter(_ => { });
        services.AddSession();
        services.AddSignalR();
        Assert.That(PerProcessParts.In(services).Count(), Is.EqualTo(5));
        Assert.That(PerProcessParts.In(new ServiceCollection()), Is.Empty);
    }
}
