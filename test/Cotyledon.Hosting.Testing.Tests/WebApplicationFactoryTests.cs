using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Testing.Tests;

/// <summary>The test program with its own Program.cs, started by <c>WebApplicationFactory</c> as a user's tests start theirs.</summary>
internal sealed class WebApplicationFactoryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Test]
    public async Task The_whole_program_runs_in_the_test_host_with_its_workers()
    {
        await using var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(web => web.UseSetting("host", "web"));
        using var client = factory.CreateClient();
        var manager = factory.Services.GetRequiredService<ICotyledonManager>();
        using var limit = new CancellationTokenSource(Limit);
        while (manager.GetStatus().Any(s => s.Ready < s.Target || s.Workers.Count == 0))
        {
            await Task.Delay(10, limit.Token);
        }

        Assert.That(await client.GetStringAsync("/"), Is.EqualTo($"{Environment.ProcessId}"));
        Assert.That(manager.GetStatus().Select(s => (s.Name, s.Ready)), Is.EqualTo(new[] { ("heavy", 2), ("light", 1) }));
        Assert.That(
            manager.GetStatus().SelectMany(s => s.Workers).Select(w => w.ProcessId), Is.All.EqualTo(Environment.ProcessId));
        Assert.That(CotyledonHost.IsWorker, Is.False);
    }
}
