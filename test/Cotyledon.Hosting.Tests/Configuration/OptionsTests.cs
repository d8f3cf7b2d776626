using System.Globalization;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Poller = Cotyledon.Hosting.Tests.Configuration.Program.Poller;

namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class OptionsTests
{
    private readonly Program _program = new();

    [Test]
    public void Without_any_values_the_documented_defaults_apply()
    {
        var (supervisor, services, reloadOnChange, logOptions) = _program.Read();

        Assert.That((reloadOnChange, logOptions), Is.EqualTo((true, true)));
        Assert.That(supervisor.HookTimeout, Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(supervisor.SpareWorkers, Is.Zero);
        Assert.That(supervisor.MaxConcurrentStarts, Is.EqualTo(2 * Environment.ProcessorCount));
        Assert.That(services, Is.EqualTo(new[]
        {
            new ServiceSettings
            {
                Name = "Poller",
                Workers = 1,
                GracefulTimeout = TimeSpan.FromMinutes(1),
                ReadyTimeout = TimeSpan.FromMinutes(1),
                WaitForMarkReady = false,
                MaxUnavailable = 1,
                Backoff = new Backoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30)),
                StableAfter = TimeSpan.FromSeconds(10),
                MaxRestarts = null,
                MaxRestartsWindow = TimeSpan.FromMinutes(1),
                OnGiveUp = GiveUpAction.KeepDown,
                ReloadMethod = ReloadMethod.Auto,
                LivenessTimeout = Timeout.InfiniteTimeSpan,
                MaxAge = null,
                MaxMemory = null,
                Start = StartSettings.Inherited,
            },
        }));
    }

    [Test]
    public void A_program_without_IConfiguration_has_the_defaults()
    {
        var services = new ServiceCollection();

        Assert.That(Program.SettingsOf(services).Read().Services[0].Workers, Is.EqualTo(1));
    }

    [Test]
    public void Every_value_can_be_set_in_the_configuration()
    {
        var (supervisor, services, reloadOnChange, logOptions) = _program
            .With("HookTimeout", "00:00:03")
            .With("MaxConcurrentStarts", "7")
            .With("SpareWorkers", "2")
            .With("Services:Poller:Workers", "4")
            .With("Services:Poller:GracefulShutdownTimeout", "2m")
            .With("Services:Poller:ReadyTimeout", "30s")
            .With("Services:Poller:WaitForMarkReady", "true")
            .With("Services:Poller:MaxUnavailable", "2")
            .With("Services:Poller:RestartBackoff", "1000ms")
            .With("Services:Poller:MaxRestartBackoff", "00:00:09")
            .With("Services:Poller:StableAfter", "1.0m")
            .With("Services:Poller:MaxRestarts", "5")
            .With("Services:Poller:MaxRestartsWindow", "00:10:00")
            .With("Services:Poller:OnGiveUp", "StopHost")
            .With("Services:Poller:ReloadMethod", "Restart")
            .With("Services:Poller:LivenessTimeout", "00:00:20")
            .With("Services:Poller:MaxAge", "1.5d")
            .With("Services:Poller:MaxMemory", "2 GiB")
            .With("Services:Poller:Environment:LANG", "C")
            .With("Services:Poller:Environment:HOME", null)
            .With("Services:Poller:Nice", "-5")
            .With("ReloadOnChange", "false")
            .With("LogOptions", "false")
            .Read();

        Assert.That((reloadOnChange, logOptions), Is.EqualTo((false, false)));
        Assert.That(
            (supervisor.HookTimeout, supervisor.MaxConcurrentStarts, supervisor.SpareWorkers),
            Is.EqualTo((TimeSpan.FromSeconds(3), 7, 2)));
        Assert.That(services[0], Is.EqualTo(new ServiceSettings
        {
            Name = "Poller",
            Workers = 4,
            GracefulTimeout = TimeSpan.FromMinutes(2),
            ReadyTimeout = TimeSpan.FromSeconds(30),
            WaitForMarkReady = true,
            MaxUnavailable = 2,
            Backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9)),
            StableAfter = TimeSpan.FromMinutes(1),
            MaxRestarts = 5,
            MaxRestartsWindow = TimeSpan.FromMinutes(10),
            OnGiveUp = GiveUpAction.StopHost,
            ReloadMethod = ReloadMethod.Restart,
            LivenessTimeout = TimeSpan.FromSeconds(20),
            MaxAge = TimeSpan.FromHours(36),
            MaxMemory = 2L << 30,
            Start = new StartSettings(new Dictionary<string, string?> { ["LANG"] = "C", ["HOME"] = null }, -5),
        }));
    }

    [TestCase("500000000", 500_000_000)]
    [TestCase("800M", 800L << 20)]
    [TestCase("800 mb", 800L << 20)]
    [TestCase("800MiB", 800L << 20)]
    [TestCase("2048k", 2048L << 10)]
    [TestCase("3T", 3L << 40)]
    [TestCase("1048576 B", 1L << 20)]
    [TestCase(null, null)]
    public void A_size_is_a_number_of_bytes_or_has_a_unit(string? text, long? bytes)
    {
        Assert.That(_program.With("Services:Poller:MaxMemory", text).Read().Services[0].MaxMemory, Is.EqualTo(bytes));
    }

    [Test]
    public void Environment_variables_of_the_configuration_are_added_to_those_of_code_and_take_precedence()
    {
        _program.Services.AddCotyledonWorker<Poller>().Configure(o => (o.Environment["A"], o.Environment["B"]) = ("1", "1"));

        Assert.That(
            _program.With("Services:Poller:Environment:B", "2").Read().Services[0].Start.Environment,
            Is.EquivalentTo(new Dictionary<string, string?> { ["A"] = "1", ["B"] = "2" }));
    }

    [Test]
    public void Values_set_in_code_apply_unless_the_configuration_has_the_key()
    {
        _program.Services.AddCotyledon().Configure(o => (o.MaxConcurrentStarts, o.HookTimeout) = (3, TimeSpan.FromSeconds(4)));
        _program.Services.AddCotyledonWorker<Poller>(workers: 5).Configure(o =>
        {
            o.MaxRestarts = 6;
            o.OnGiveUp = GiveUpAction.StopHost;
        });

        var (supervisor, services, _, _) = _program
            .With("HookTimeout", "00:00:09")
            .With("Services:Poller:MaxRestarts", "8")
            .Read();

        Assert.That((supervisor.MaxConcurrentStarts, supervisor.HookTimeout), Is.EqualTo((3, TimeSpan.FromSeconds(9))));
        Assert.That(
            (services[0].Workers, services[0].MaxRestarts, services[0].OnGiveUp),
            Is.EqualTo((5, 8, GiveUpAction.StopHost)));
    }

    [Test]
    public void The_configuration_takes_precedence_over_a_later_Configure()
    {
        _program.Services.AddCotyledonWorker<Poller>(workers: 5);
        _program.Services.Configure<CotyledonWorkerOptions>("Poller", o => o.Workers = 6);

        Assert.That(_program.With("Services:Poller:Workers", "2").Read().Services[0].Workers, Is.EqualTo(2));
    }

    [Test]
    public void Validators_of_the_program_are_applied()
    {
        _program.Services.AddCotyledonWorker<Poller>(workers: 5).Validate(o => o.Workers < 5, "Not so many.");

        Assert.That(_program.Errors(), Is.EqualTo(new[] { "Not so many." }));
    }

    [Test]
    public void A_service_has_the_common_graceful_timeout_unless_it_has_its_own()
    {
        _program.Services.AddCotyledonWorker<Poller>(name: "own");
        _program.Services.AddCotyledonWorker<Poller>(name: "common");
        _program.Services.AddCotyledonWorker<Poller>(name: "none");

        var (_, services, _, _) = _program
            .With("GracefulShutdownTimeout", "00:00:20")
            .With("Services:own:GracefulShutdownTimeout", "00:00:30")
            .With("Services:none:GracefulShutdownTimeout", "infinite")
            .Read();

        Assert.That(
            services.Select(s => s.GracefulTimeout),
            Is.EqualTo(new[] { TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan }));
    }

    [Test]
    public void Null_is_accepted_where_it_is_documented()
    {
        _program.Services.AddCotyledon().Configure(o => o.MaxConcurrentStarts = 3);
        _program.Services.AddCotyledonWorker<Poller>().Configure(o => o.GracefulShutdownTimeout = TimeSpan.FromSeconds(3));

        var (supervisor, services, _, _) = _program
            .With("MaxConcurrentStarts", null)
            .With("Services:Poller:GracefulShutdownTimeout", null)
            .Read();

        Assert.That(supervisor.MaxConcurrentStarts, Is.EqualTo(2 * Environment.ProcessorCount));
        Assert.That(services[0].GracefulTimeout, Is.EqualTo(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public void Keys_are_compared_case_insensitively()
    {
        Assert.That(_program.With("services:POLLER:workers", "3").Read().Services[0].Workers, Is.EqualTo(3));
        Assert.That(_program.Settings().FindService("poller"), Is.EqualTo("Poller"));
    }

    [Test]
    public void A_service_that_is_not_registered_is_not_found()
    {
        Assert.That(
            () => _program.Settings().FindService("Pollar"),
            Throws.ArgumentException.With.Message.Contains("'Pollar'").And.Message.Contains("Poller"));
    }

    [Test, SetCulture("de-DE")]
    public void Values_are_read_the_same_way_in_every_culture()
    {
        Assert.That(CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator, Is.EqualTo(","));

        var (_, services, _, _) = _program.With("Services:Poller:RestartBackoff", "00:00:00.25").Read();

        Assert.That(services[0].Backoff.First, Is.EqualTo(TimeSpan.FromSeconds(0.25)));
    }

    [Test]
    public void Hosted_services_for_workers_are_added_to_those_set_in_code()
    {
        _program.Services.AddCotyledonWorker<Poller>();
        _program.Services.AddCotyledon().Configure(o => o.HostedServicesInWorkers.Add("A"));
        _program.With("HostedServicesInWorkers:0", "B").With("HostedServicesInWorkers:1", "C").Settings();

        var options = _program.Services.BuildServiceProvider().GetRequiredService<IOptions<CotyledonOptions>>().Value;

        Assert.That(options.HostedServicesInWorkers, Is.EquivalentTo(new[] { "A", "B", "C" }));
    }
}
