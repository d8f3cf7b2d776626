using System.Text;
using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>Has a program with the services that settings name, and a queue, read them.</summary>
internal static class SettingsReader
{
    public static (IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings) Read(string json)
    {
        using var host = Host(json);
        var settings = host.Services.GetRequiredService<MasterSettings>();
        try
        {
            settings.Read();
            return ([], [.. settings.Warnings()]);
        }
        catch (OptionsValidationException e)
        {
            return ([.. e.Failures], []);
        }
    }

    /// <summary>A program with these settings; none are those of code.</summary>
    public static IHost Host(string json)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        var named = builder.Configuration.GetSection("Cotyledon:Services").GetChildren().Select(s => s.Key);
        foreach (var service in named.DefaultIfEmpty("Poller"))
        {
            builder.Services.AddCotyledonWorker<IdleService>(1, service);
        }

        // Without it, there would be a warning of the cluster store.
        builder.Services.AddCotyledonWorker<IdleService>("OfCluster", options => options.Scope = WorkerScope.Cluster);
        builder.Services.AddCotyledonQueue<int>("samples");
        builder.Services.AddCotyledonNatsQueues();
        builder.Services.AddCotyledonPostgresCluster();
        return builder.Build();
    }

    private sealed class IdleService : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }
}
