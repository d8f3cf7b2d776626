using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Tests;

internal sealed class RegistrationTests
{
    private readonly ServiceCollection _services = new();

    [Test]
    public void A_service_is_named_after_its_type_unless_a_name_is_given()
    {
        _services.AddCotyledonWorker<Poller>();
        _services.AddCotyledonWorker<Poller>(name: "other");
        _services.AddCotyledonWorker<Poller>("third");

        Assert.That(Registrations().Select(r => r.Name), Is.EqualTo(new[] { "Poller", "other", "third" }));
    }

    [TestCase(typeof(Generic<Dependency>), "GenericOfDependency")]
    [TestCase(typeof(Generic<Dependency, Hooks>), "GenericOfDependencyAndHooks")]
    [TestCase(typeof(Generic<Generic<Dependency, Hooks>>), "GenericOfGenericOfDependencyAndHooks")]
    [TestCase(typeof(Generic<byte[]>), "GenericOfByteArray")]
    [TestCase(typeof(Generic<int?>), "GenericOfNullableOfInt32")]
    [TestCase(typeof(Outer<Dependency>.Inner), "Inner")]
    [TestCase(typeof(Outer<Dependency>.Inner<Hooks>), "InnerOfHooks")]
    public void The_default_name_of_a_generic_type_is_a_valid_key(Type type, string name)
    {
        typeof(CotyledonServiceCollectionExtensions).GetMethods()
            .Single(m => m.Name == "AddCotyledonWorker" && m.GetParameters()[1].ParameterType == typeof(int))
            .MakeGenericMethod(type)
            .Invoke(null, [_services, 1, null]);

        Assert.That(Registrations().Single().Name, Is.EqualTo(name));
    }

    [Test]
    public void Services_that_differ_in_their_type_arguments_have_different_names()
    {
        _services.AddCotyledonWorker<Generic<Dependency>>();
        _services.AddCotyledonWorker<Generic<Hooks>>();

        Assert.That(Registrations().Select(r => r.Name), Is.EqualTo(new[] { "GenericOfDependency", "GenericOfHooks" }));
    }

    [Test]
    public void The_default_name_of_a_file_class_is_its_name_in_the_source()
    {
        _services.AddCotyledonWorker<FileLocal>();
        _services.AddCotyledonWorker<Generic<FileLocal>>();
        _services.AddCotyledonWorker<FileLocal<Hooks>>();

        Assert.That(Registrations().Select(r => r.Name), Is.EqualTo(new[] { "FileLocal", "GenericOfFileLocal", "FileLocalOfHooks" }));
    }

    [Test]
    public void The_returned_options_builder_configures_the_service()
    {
        _services.AddCotyledonWorker<Poller>(workers: 3, name: "a").Configure(o => o.MaxRestarts = 7);
        _services.AddCotyledonWorker<Poller>(name: "b");

        var options = _services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<CotyledonWorkerOptions>>();

        Assert.That((options.Get("a").Workers, options.Get("a").MaxRestarts), Is.EqualTo((3, 7)));
        Assert.That((options.Get("b").Workers, options.Get("b").MaxRestarts), Is.EqualTo((1, (int?)null)));
    }

    [TestCase("Poller")]
    [TestCase("POLLER")]
    public void A_duplicate_name_is_rejected_regardless_of_case(string name)
    {
        _services.AddCotyledonWorker<Poller>();

        Assert.That(
            () => _services.AddCotyledonWorker<OtherPoller>(name: name),
            Throws.ArgumentException.With.Message.Contains("'Poller' is registered already").And.Message.Contains("Poller"));
        Assert.That(Registrations(), Has.Count.EqualTo(1));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("a:b")]
    public void A_name_that_is_not_a_valid_key_is_rejected(string name)
    {
        Assert.That(
            () => _services.AddCotyledonWorker<Poller>(name: name),
            Throws.ArgumentException.With.Message.Contains(name).And.Property("ParamName").EqualTo("name"));
        Assert.That(_services, Is.Empty);
    }

    [TestCase(0)]
    [TestCase(10)]
    [TestCase(27)]
    [TestCase(127)]
    public void A_name_with_a_control_character_is_rejected(int character)
    {
        Assert.That(() => _services.AddCotyledonWorker<Poller>(name: $"a{(char)character}b"), Throws.ArgumentException);
    }

    [TestCase(100, true)]
    [TestCase(101, false)]
    public void A_name_has_at_most_100_characters(int length, bool isValid)
    {
        Assert.That(
            () => _services.AddCotyledonWorker<Poller>(name: new string('x', length)),
            isValid ? Throws.Nothing : Throws.ArgumentException);
    }

    [TestCase("größer ✓")]
    [TestCase("a.b-c_d e/f")]
    public void Other_names_are_accepted(string name)
    {
        Assert.That(() => _services.AddCotyledonWorker<Poller>(name: name), Throws.Nothing);
    }

    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(10_000, true)]
    [TestCase(10_001, false)]
    public void The_number_of_workers_has_limits(int workers, bool isValid)
    {
        Assert.That(
            () => _services.AddCotyledonWorker<Poller>(workers),
            isValid ? Throws.Nothing : Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void An_abstract_type_is_rejected()
    {
        Assert.That(
            () => _services.AddCotyledonWorker<BackgroundService>(),
            Throws.ArgumentException.With.Message.Contains("BackgroundService").And.Message.Contains("abstract"));
    }

    [Test]
    public void An_interface_is_rejected()
    {
        Assert.That(() => _services.AddCotyledonWorker<IHostedService>(), Throws.ArgumentException);
    }

    [Test]
    public void A_type_without_a_public_constructor_is_rejected()
    {
        Assert.That(
            () => _services.AddCotyledonWorker<Hidden>(),
            Throws.ArgumentException.With.Message.Contains("Hidden").And.Message.Contains("no public constructor"));
    }

    [Test]
    public void KeepHostedServiceInWorkers_adds_the_full_name_of_the_type()
    {
        _services.KeepHostedServiceInWorkers<Poller>().KeepHostedServiceInWorkers<Generic<Hooks>>();
        var options = _services.BuildServiceProvider().GetRequiredService<IOptions<CotyledonOptions>>().Value;
        Assert.That(options.HostedServicesInWorkers, Is.EquivalentTo(new[] { typeof(Poller).FullName, typeof(Generic<Hooks>).FullName }));
    }

    [Test]
    public void Options_set_in_code_apply()
    {
        _services.AddCotyledonWorker<Poller>("set", options => (options.Workers, options.MaxUnavailable) = (3, 2));
        var options = _services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<CotyledonWorkerOptions>>().Get("set");
        Assert.That((options.Workers, options.MaxUnavailable), Is.EqualTo((3, 2)));
        Assert.That(() => _services.AddCotyledonWorker<Poller>("other", null!), Throws.ArgumentNullException);
    }

    [Test]
    public void A_factory_creates_the_service()
    {
        _services.AddSingleton(new Dependency());
        _services.AddCotyledonWorker("created", 3, provider => new WithArguments("a", provider.GetRequiredService<Dependency>(), 1))
            .Configure(o => o.MaxRestarts = 0);

        var provider = _services.BuildServiceProvider();
        var service = (WithArguments)Registrations().Single(r => r.Name == "created").Create(provider);

        Assert.That((service.Address, service.Count), Is.EqualTo(("a", 1)));
        var options = provider.GetRequiredService<IOptionsMonitor<CotyledonWorkerOptions>>().Get("created");
        Assert.That((options.Workers, options.MaxRestarts), Is.EqualTo((3, 0)));
    }

    [Test]
    public void Invalid_arguments_of_the_factory_overload_are_rejected()
    {
        Assert.That(() => _services.AddCotyledonWorker<Poller>("created", 1, null!), Throws.ArgumentNullException);
        Assert.That(() => _services.AddCotyledonWorker("a:b", 1, _ => new Poller()), Throws.ArgumentException);
        Assert.That(() => _services.AddCotyledonWorker("created", -1, _ => new Poller()), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(_services, Is.Empty);
    }

    [Test]
    public void In_the_master_only_one_hosted_service_is_added_for_any_number_of_services()
    {
        _services.AddCotyledonWorker<Poller>();
        _services.AddCotyledonWorker<OtherPoller>();
        _services.AddCotyledonHooks<Hooks>();

        Assert.That(_services.Count(d => d.ServiceType == typeof(IHostedService)), Is.EqualTo(1));
        Assert.That(_services.Count(d => d.ServiceType == typeof(ICotyledonManager)), Is.EqualTo(1));
        Assert.That(CotyledonHost.IsWorker, Is.False);
    }

    [Test]
    public void Hooks_are_registered_once_per_type()
    {
        _services.AddCotyledonHooks<Hooks>().AddCotyledonHooks<Hooks>().AddCotyledonHooks<OtherHooks>();

        Assert.That(_services.Count(d => d.ServiceType == typeof(ICotyledonHooks)), Is.EqualTo(2));
    }

    [Test]
    public void The_context_exists_only_in_the_scope_of_a_workers_service()
    {
        _services.AddCotyledonWorker<Poller>();
        using var scope = _services.BuildServiceProvider().CreateScope();

        Assert.That(
            scope.ServiceProvider.GetRequiredService<IWorkerContext>,
            Throws.InvalidOperationException.With.Message.Contains("only in the scope of a worker's service"));

        var context = new WorkerContext(Worker.Assignments.Poller, _ => { }, () => { });
        scope.ServiceProvider.GetRequiredService<WorkerContextHolder>().Context = context;
        Assert.That(scope.ServiceProvider.GetRequiredService<WorkerContextHolder>().Context, Is.SameAs(context));
    }

    private List<WorkerRegistration> Registrations() =>
        [.. _services.Select(d => d.ImplementationInstance).OfType<WorkerRegistration>()];

    private sealed class Hooks : ICotyledonHooks;

    private sealed class OtherHooks : ICotyledonHooks;

    private sealed class Dependency;

    private class Poller : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class OtherPoller : Poller;

    private sealed class WithArguments(string address, Dependency dependency, int count) : Poller
    {
        public string Address => address;

        public int Count => count;

        public Dependency Dependency => dependency;
    }

    private sealed class Generic<T> : Poller;

    private sealed class Generic<T1, T2> : Poller;

    private sealed class Outer<T>
    {
        public sealed class Inner : Poller;

        public sealed class Inner<T1> : Poller;
    }

    private sealed class Hidden : Poller
    {
        private Hidden()
        {
        }

        public static Hidden Create() => new();
    }
}

file class FileLocal : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

file sealed class FileLocal<T> : FileLocal;
