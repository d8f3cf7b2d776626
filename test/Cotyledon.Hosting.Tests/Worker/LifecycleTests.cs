using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class LifecycleTests
{
    [Test]
    public async Task The_methods_of_IHostedLifecycleService_are_called_in_order()
    {
        await using var provider = new ServiceCollection().AddScoped<WorkerContextHolder>().BuildServiceProvider();
        var service = new Stepwise();
        var runner = new ServiceRunner(
            provider, new WorkerContext(Assignments.Poller, _ => { }, () => { }), Assignments.Poller, new TestLogger());

        await runner.StartAsync(new WorkerRegistration("Poller", typeof(Stepwise), _ => service), CancellationToken.None);
        Assert.That(service.Steps, Is.EqualTo(new[] { "starting", "start", "started" }));
        await runner.StopAsync(CancellationToken.None);

        Assert.That(service.Steps.Skip(3), Is.EqualTo(new[] { "stopping", "stop", "stopped" }));
    }

    private sealed class Stepwise : IHostedLifecycleService
    {
        public List<string> Steps { get; } = [];

        public Task StartingAsync(CancellationToken cancellationToken) => Step("starting");

        public Task StartAsync(CancellationToken cancellationToken) => Step("start");

        public Task StartedAsync(CancellationToken cancellationToken) => Step("started");

        public Task StoppingAsync(CancellationToken cancellationToken) => Step("stopping");

        public Task StopAsync(CancellationToken cancellationToken) => Step("stop");

        public Task StoppedAsync(CancellationToken cancellationToken) => Step("stopped");

        private Task Step(string name)
        {
            Steps.Add(name);
            return Task.CompletedTask;
        }
    }
}
