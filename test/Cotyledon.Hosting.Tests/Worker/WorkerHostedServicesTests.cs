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
    public void Only_the_service_of_the_worker_runs_whenever_others_were_registered()
    {
        _services.AddHostedService<Other>();
        WorkerHostedServices.AddTo(_services, _ => new TheWorker());
        _services.AddHostedService<OtherStill>();
        _services.AddSingleton<IHostedService>(new Other());

        Assert.That(Types(), Is.EqualTo(new[] { typeof(TheWorker) }));
    }

    [Test]
    public void What_is_to_be_kept_runs_too_and_first_however_it_was_registered([Values] Form form)
    {
        WorkerHostedServices.AddTo(_services, _ => new TheWorker());
        _services.AddHostedService<Other>();
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

        Assert.That(Types(), Is.EqualTo(new[] { typeof(Kept), typeof(TheWorker) }));
    }

    [Test]
    public void Keyed_services_are_left_alone()
    {
        WorkerHostedServices.AddTo(_services, _ => new TheWorker());
        _services.AddKeyedSingleton<IHostedService, Kept>("key");

        Assert.That(Types(), Is.EqualTo(new[] { typeof(TheWorker) }));
    }

    [Test]
    public void The_worker_is_made_before_those_that_are_kept()
    {
        var made = new List<Type>();
        WorkerHostedServices.AddTo(_services, _ => Made(new TheWorker()));
        _services.AddHostedService(_ => Made(new Kept()));
        Types();

        Assert.That(made, Is.EqualTo(new[] { typeof(TheWorker), typeof(Kept) }));

        T Made<T>(T service)
            where T : notnull
        {
            made.Add(typeof(T));
            return service;
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

    private sealed class TheWorker : Other;

    private sealed class OtherStill : Other;

    private sealed class Kept : Other;
}
