using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Tests;

internal sealed class RegistrationTests
{
    private readonly ServiceCollection _services = new();

    [Test]
    public void A_service_is_named_after_its_type_unless_it_is_named()
    {
        _services.AddCotyledonWorker<Poller>();
        _services.AddCotyledonWorker<Poller>(name: "other");

        Assert.That(Registrations().Select(r => r.Name), Is.EqualTo(new[] { "Poller", "other" }));
    }

    [TestCase(typeof(Generic<Dependency>), "GenericOfDependency")]
    [TestCase(typeof(Generic<Dependency, Hooks>), "GenericOfDependencyAndHooks")]
    [TestCase(typeof(Generic<Generic<Dependency, Hooks>>), "GenericOfGenericOfDependencyAndHooks")]
    [TestCase(typeof(Generic<byte[]>), "GenericOfByteArray")]
    [TestCase(typeof(Generic<int?>), "GenericOfNullableOfInt32")]
    [TestCase(typeof(Outer<Dependency>.Inner), "Inner")]
    [TestCase(typeof(Outer<Dependency>.Inner<Hooks>), "InnerOfHooks")]
    public void A_generic_type_gives_a_name_that_can_be_written_as_a_key(Type type, string name)
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
    public void The_options_that_come_back_are_those_of_the_service()
    {
        _services.AddCotyledonWorker<Poller>(workers: 3, name: "a").Configure(o => o.MaxRestarts = 7);
        _services.AddCotyledonWorker<Poller>(name: "b");

        var options = _services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<CotyledonWorkerOptions>>();

        Assert.That((options.Get("a").Workers, options.Get("a").MaxRestarts), Is.EqualTo((3, 7)));
        Assert.That((options.Get("b").Workers, options.Get("b").MaxRestarts), Is.EqualTo((1, (int?)null)));
    }

    [TestCase("Poller")]
    [TestCase("POLLER")]
    public void A_name_that_is_taken_is_refused_also_in_another_case(string name)
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
    public void A_name_that_could_not_be_a_key_is_refused(string name)
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
    public void A_name_with_a_control_character_is_refused(int character)
    {
        Assert.That(() => _services.AddCotyledonWorker<Poller>(name: $"a{(char)character}b"), Throws.ArgumentException);
    }

    [TestCase(100, true)]
    [TestCase(101, false)]
    public void A_name_has_at_most_a_hundred_characters(int length, bool isRight)
    {
        Assert.That(
            () => _services.AddCotyledonWorker<Poller>(name: new string('x', length)),
            isRight ? Throws.Nothing : Throws.ArgumentException);
    }

    [TestCase("größer ✓")]
    [TestCase("a.b-c_d e/f")]
    public void Other_names_are_right(string name)
    {
        Assert.That(() => _services.AddCotyledonWorker<Poller>(name: name), Throws.Nothing);
    }

    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(10_000, true)]
    [TestCase(10_001, false)]
    public void The_number_of_workers_has_limits(int workers, bool isRight)
    {
        Assert.That(
            () => _services.AddCotyledonWorker<Poller>(workers),
            isRight ? Throws.Nothing : Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void An_abstract_type_is_refused()
    {
        Assert.That(
            () => _services.AddCotyledonWorker<BackgroundService>(),
            Throws.ArgumentException.With.Message.Contains("BackgroundService").And.Message.Contains("abstract"));
    }

    [Test]
    public void An_interface_is_refused()
    {
        Assert.That(() => _services.AddCotyledonWorker<IHostedService>(), Throws.ArgumentException);
    }

    [Test]
    public void A_type_without_a_public_constructor_is_refused()
    {
        Assert.That(
            () => _services.AddCotyledonWorker<Hidden>(),
            Throws.ArgumentException.With.Message.Contains("Hidden").And.Message.Contains("no public constructor"));
    }

    [Test]
    public void A_hosted_service_is_kept_in_workers_by_its_type()
    {
        _services.KeepHostedServiceInWorkers<Poller>().KeepHostedServiceInWorkers<Generic<Hooks>>();
        var options = _services.BuildServiceProvider().GetRequiredService<IOptions<CotyledonOptions>>().Value;
        Assert.That(options.HostedServicesInWorkers, Is.EquivalentTo(new[] { typeof(Poller).FullName, typeof(Generic<Hooks>).FullName }));
    }

    [Test]
    public void Options_that_code_sets_are_in_force()
    {
        _services.AddCotyledonWorker<Poller>("set", options => (options.Workers, options.MaxUnavailable) = (3, 2));
        var options = _services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<CotyledonWorkerOptions>>().Get("set");
        Assert.That((options.Workers, options.MaxUnavailable), Is.EqualTo((3, 2)));
        Assert.That(() => _services.AddCotyledonWorker<Poller>("other", null!), Throws.ArgumentNullException);
    }

    [Test]
    public void A_factory_makes_the_service()
    {
        _services.AddSingleton(new Dependency());
        _services.AddCotyledonWorker("made", 3, provider => new WithArguments("a", provider.GetRequiredService<Dependency>(), 1))
            .Configure(o => o.MaxRestarts = 0);

        var provider = _services.BuildServiceProvider();
        var service = (WithArguments)Registrations().Single(r => r.Name == "made").Create(provider);

        Assert.That((service.Address, service.Count), Is.EqualTo(("a", 1)));
        var options = provider.GetRequiredService<IOptionsMonitor<CotyledonWorkerOptions>>().Get("made");
        Assert.That((options.Workers, options.MaxRestarts), Is.EqualTo((3, 0)));
    }

    [Test]
    public void What_a_factory_needs_is_checked()
    {
        Assert.That(() => _services.AddCotyledonWorker<Poller>("made", 1, null!), Throws.ArgumentNullException);
        Assert.That(() => _services.AddCotyledonWorker("a:b", 1, _ => new Poller()), Throws.ArgumentException);
        Assert.That(() => _services.AddCotyledonWorker("made", -1, _ => new Poller()), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(_services, Is.Empty);
    }

    [Test]
    public void In_the_master_the_supervisor_is_the_only_hosted_service_that_is_added_however_many_services_there_are()
    {
        _services.AddCotyledonWorker<Poller>();
        _services.AddCotyledonWorker<OtherPoller>();
        _services.AddCotyledonHooks<Hooks>();

        Assert.That(_services.Count(d => d.ServiceType == typeof(IHostedService)), Is.EqualTo(1));
        Assert.That(_services.Count(d => d.ServiceType == typeof(ICotyledonManager)), Is.EqualTo(1));
        Assert.That(CotyledonHost.IsWorker, Is.False);
    }

    [Test]
    public void The_same_hooks_are_registered_once_and_different_ones_all()
    {
        _services.AddCotyledonHooks<Hooks>().AddCotyledonHooks<Hooks>().AddCotyledonHooks<OtherHooks>();

        Assert.That(_services.Count(d => d.ServiceType == typeof(ICotyledonHooks)), Is.EqualTo(2));
    }

    [Test]
    public void The_context_exists_in_the_scope_of_a_workers_service_only()
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
