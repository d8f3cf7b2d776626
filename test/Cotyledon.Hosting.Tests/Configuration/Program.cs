using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>A program's services and configuration, and the supervisor settings read from them.</summary>
internal sealed class Program
{
    private readonly Dictionary<string, string?> _values = [];

    /// <summary>With one service, "Poller", unless others are added.</summary>
    public ServiceCollection Services { get; } = new();

    /// <summary>Adds a value below section Cotyledon.</summary>
    public Program With(string key, string? value)
    {
        _values[$"Cotyledon:{key}"] = value;
        return this;
    }

    public EffectiveSettings Read() => Settings().Read();

    public MasterSettings Settings()
    {
        Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(_values).Build());
        return SettingsOf(Services);
    }

    /// <summary>Returns the validation errors.</summary>
    public IReadOnlyList<string> Errors()
    {
        try
        {
            Read();
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
    }

    public static MasterSettings SettingsOf(IServiceCollection services)
    {
        if (!services.Any(d => d.ImplementationInstance is WorkerRegistration))
        {
            services.AddCotyledonWorker<Poller>();
        }

        return services.BuildServiceProvider().GetRequiredService<MasterSettings>();
    }

    internal sealed class Poller : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }
}
