using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.AzureAppConfiguration;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>Services that search the configuration for their provider in the constructor.</summary>
internal sealed class ProviderSearchersTests
{
    private readonly IConfigurationRoot _root = new Source().ToConfiguration();
    private readonly ServiceCollection _services = new();

    [Test]
    public void The_refresher_of_Azure_App_Configuration_is_created_before_the_takeover()
    {
        _services.AddSingleton<IConfigurationRefresherProvider, Refresher>();
        using var provider = TakeOver();

        var refresher = (Refresher)provider.GetRequiredService<IConfigurationRefresherProvider>();
        Assert.That(refresher.Providers, Has.Count.EqualTo(1).And.None.InstanceOf<AcceptedSource>());
        Assert.That(_root.Providers, Is.All.InstanceOf<AcceptedSource>());
    }

    [Test]
    public void A_refresher_that_finds_no_provider_does_not_prevent_the_takeover()
    {
        _services.AddSingleton<IConfigurationRefresherProvider, FailingRefresher>();
        using var provider = TakeOver();

        Assert.That(_root.Providers, Is.All.InstanceOf<AcceptedSource>());
        Assert.That(provider.GetRequiredService<IConfigurationRefresherProvider>, Throws.InvalidOperationException);
    }

    private ServiceProvider TakeOver()
    {
        _services.AddSingleton<IConfiguration>(_root);
        _services.AddCotyledonWorker<Program.Poller>();
        var provider = _services.BuildServiceProvider();
        provider.GetRequiredService<MasterConfiguration>().TakeOver();
        return provider;
    }

    private sealed class Refresher(IConfiguration configuration) : IConfigurationRefresherProvider
    {
        public IReadOnlyList<IConfigurationProvider> Providers { get; } = [.. ((IConfigurationRoot)configuration).Providers];
    }

    private sealed class FailingRefresher : IConfigurationRefresherProvider
    {
        public FailingRefresher() => throw new InvalidOperationException("There is no provider.");
    }
}
