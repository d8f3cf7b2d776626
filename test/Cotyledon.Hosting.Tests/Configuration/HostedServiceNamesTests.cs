using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary><c>Cotyledon:HostedServicesInWorkers</c>, by names that exist and names that do not.</summary>
internal sealed class HostedServiceNamesTests
{
    private const string ObserverName = "Cotyledon.Hosting.Tests.Configuration.HostedServiceNamesTests+Observer";

    private readonly Program _program = new();

    [Test]
    public void A_misspelt_type_is_warned_of_with_those_that_are_registered()
    {
        _program.Services.AddHostedService<Observer2>();
        _program.Services.AddHostedService<Observer>();

        Assert.That(Warnings("Some.Obsrever").Single(), Is.EqualTo(
            "Cotyledon:HostedServicesInWorkers names 'Some.Obsrever', which has no effect: no hosted service of this type is registered. "
            + $"Registered are {ObserverName}, {ObserverName}2."));
    }

    [Test]
    public void Where_no_type_is_known_the_warning_says_so()
    {
        _program.Services.AddSingleton<IHostedService>(_ => new Observer());

        Assert.That(Warnings(ObserverName).Single(), Does.EndWith("The program registers no hosted service by its type."));
    }

    [Test]
    public void Names_that_exist_are_not_warned_of_however_they_are_registered([Values] bool isFactory)
    {
        if (isFactory)
        {
            _program.Services.AddHostedService(_ => new Observer());
        }
        else
        {
            _program.Services.AddSingleton<IHostedService>(new Observer());
        }

        Assert.That(Warnings(ObserverName), Is.Empty);
    }

    [Test]
    public void OpenTelemetry_may_be_named_without_being_registered()
    {
        Assert.That(Warnings("OpenTelemetry.Extensions.Hosting.Implementation.TelemetryHostedService"), Is.Empty);
    }

    [Test]
    public void A_name_that_a_reload_brings_is_warned_of_then()
    {
        var source = new Source { Values = new() { ["Cotyledon:Services:Poller:Workers"] = "1" } };
        _program.Services.AddSingleton<IConfiguration>(source.ToConfiguration());
        var settings = Program.SettingsOf(_program.Services);
        settings.Configuration.TakeOver();
        settings.Read();
        Assert.That(settings.Warnings(), Is.Empty);

        source.Values["Cotyledon:HostedServicesInWorkers:0"] = "Some.Obsrever";
        var candidate = settings.Configuration.Load(true);
        Assert.That(candidate.Errors, Is.Empty);
        using (settings.Configuration.Show(candidate))
        {
            settings.Read();
        }

        Assert.That(settings.Warnings(), Has.One.Contains("'Some.Obsrever'"));
    }

    private List<string> Warnings(string name)
    {
        var settings = _program.With("HostedServicesInWorkers:0", name).Settings();
        settings.Read();
        return [.. settings.Warnings()];
    }

    private class Observer : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }

    private sealed class Observer2 : Observer;
}
