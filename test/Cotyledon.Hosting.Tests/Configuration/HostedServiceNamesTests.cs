using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary><c>Cotyledon:HostedServicesInWorkers</c> with existing and unknown names.</summary>
internal sealed class HostedServiceNamesTests
{
    private const string ObserverName = "Cotyledon.Hosting.Tests.Configuration.HostedServiceNamesTests+Observer";

    private readonly Program _program = new();

    [Test]
    public void An_unknown_type_logs_a_warning_with_the_registered_types()
    {
        _program.Services.AddHostedService<Observer2>();
        _program.Services.AddHostedService<Observer>();

        Assert.That(Warnings("Some.Obsrever").Single(), Is.EqualTo(
            "Cotyledon:HostedServicesInWorkers names 'Some.Obsrever', which has no effect: no hosted service of this type is registered. "
            + $"The registered types are {ObserverName}, {ObserverName}2."));
    }

    [Test]
    public void Without_registrations_by_type_the_warning_lists_no_type()
    {
        _program.Services.AddSingleton<IHostedService>(_ => new Observer());

        Assert.That(Warnings(ObserverName).Single(), Does.EndWith("No hosted service is registered by its type."));
    }

    [Test]
    public void Registered_types_log_no_warning_for_every_form_of_registration([Values] bool isFactory)
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
    public void The_OpenTelemetry_service_logs_no_warning_without_registration()
    {
        Assert.That(Warnings("OpenTelemetry.Extensions.Hosting.Implementation.TelemetryHostedService"), Is.Empty);
    }

    [Test]
    public void An_unknown_name_in_a_reloaded_configuration_logs_a_warning()
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
