using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class WorkerHostedServicesTests
{
    private readonly ServiceCollection _services = new();

    [SetUp]
    public void SetUp()
    {
        _services.AddLogging();
        _services.AddSingleton(Mock.Of<IHostApplicationLifetime>());
        _services.AddOptions<CotyledonOptions>().Configure(o => o.HostedServicesInWorkers.Add(typeof(Kept).FullName!));
    }

    [Test]
    public void Only_the_service_of_the_worker_runs_regardless_of_the_registration_order()
    {
        _services.AddHostedService<Other>();
        WorkerHostedServices.AddTo(_services, _ => new OwnService());
        _services.AddHostedService<Another>();
        _services.AddSingleton<IHostedService>(new Other());

        Assert.That(Types(), Is.EqualTo(new[] { typeof(OwnService) }));
    }

    [Test]
    public void Kept_hosted_services_run_first_for_every_form_of_registration([Values] Form form)
    {
        WorkerHostedServices.AddTo(_services, _ => new OwnService());
        _services.AddHostedService<Other>();
        AddKept(form);

        Assert.That(Types(), Is.EqualTo(new[] { typeof(Kept), typeof(OwnService) }));
    }

    [TestCase(Form.Type, 1)]
    [TestCase(Form.Instance, 0, Description = "as in any host, the program disposes of an instance that it supplies")]
    [TestCase(Form.Factory, 1)]
    public async Task Kept_hosted_services_are_disposed_with_the_container(Form form, int disposals)
    {
        WorkerHostedServices.AddTo(_services, _ => new OwnService());
        AddKept(form);
        var provider = _services.BuildServiceProvider();
        var kept = provider.GetServices<IHostedService>().OfType<Kept>().Single();
        await provider.DisposeAsync();

        Assert.That(kept.Disposals, Is.EqualTo(disposals));
    }

    [Test]
    public void Kept_hosted_services_are_disposed_with_a_container_that_is_disposed_synchronously()
    {
        WorkerHostedServices.AddTo(_services, _ => new OwnService());
        AddKept(Form.Type);
        var provider = _services.BuildServiceProvider();
        var kept = provider.GetServices<IHostedService>().OfType<Kept>().Single();
        provider.Dispose();

        Assert.That(kept.Disposals, Is.EqualTo(1));
    }

    [Test]
    public async Task Kept_hosted_service_that_the_container_owns_is_disposed_once()
    {
        WorkerHostedServices.AddTo(_services, _ => new OwnService());
        _services.AddSingleton<Kept>();
        AddKept(Form.Type);
        var provider = _services.BuildServiceProvider();
        var kept = provider.GetServices<IHostedService>().OfType<Kept>().Single();
        await provider.DisposeAsync();

        Assert.That(kept.Disposals, Is.EqualTo(1));
    }

    [Test]
    public void A_container_that_ignores_the_registered_sequence_fails_with_a_clear_error()
    {
        _services.AddHostedService<Other>();
        WorkerHostedServices.AddTo(_services, _ => new OwnService());
        _services.Remove(_services.Single(d => d.ServiceType == typeof(IEnumerable<IHostedService>)));

        Assert.That(
            () => _services.BuildServiceProvider().GetServices<IHostedService>().ToList(),
            Throws.InvalidOperationException.With.Message.Contains("ignores the registration of IEnumerable<IHostedService>"));
    }

    [Test]
    public void Keyed_services_are_ignored()
    {
        WorkerHostedServices.AddTo(_services, _ => new OwnService());
        _services.AddKeyedSingleton<IHostedService, Kept>("key");

        Assert.That(Types(), Is.EqualTo(new[] { typeof(OwnService) }));
    }

    [Test]
    public void The_service_of_the_worker_is_created_before_the_kept_hosted_services()
    {
        var created = new List<Type>();
        WorkerHostedServices.AddTo(_services, _ => Created(new OwnService()));
        _services.AddHostedService(_ => Created(new Kept()));
        Types();

        Assert.That(created, Is.EqualTo(new[] { typeof(OwnService), typeof(Kept) }));

        T Created<T>(T service)
            where T : notnull
        {
            created.Add(typeof(T));
            return service;
        }
    }

    private void AddKept(Form form)
    {
        switch (form)
        {
            case Form.Type:
                _services.AddHostedService<Kept>();
                break;
            case Form.Instance:
                _services.AddSingleton<IHostedService>(new Kept());
                break;
            case Form.Factory:
                _services.AddHostedService(_ => new Kept());
                break;
        }
    }

    private List<Type> Types() =>
        _services.BuildServiceProvider().GetServices<IHostedService>().Select(s => s.GetType()).ToList();

    internal enum Form
    {
        Type,
        Instance,
        Factory,
    }

    private class Other : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class OwnService : Other;

    private sealed class Another : Other;

    private sealed class Kept : Other, IAsyncDisposable
    {
        public int Disposals { get; private set; }

        public ValueTask DisposeAsync()
        {
            Disposals++;
            return ValueTask.CompletedTask;
        }
    }
}
