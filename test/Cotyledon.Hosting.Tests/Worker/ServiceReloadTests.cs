using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class ServiceReloadTests
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Reloadable _service = new();
    private int _applied;
    private ServiceRunner _runner = null!;

    [SetUp]
    public async Task SetUp()
    {
        await StartAsync(_service, () => _applied++);
        _applied = 0;
    }

    [TearDown]
    public void TearDown() => _stopping.Dispose();

    [Test]
    public async Task The_new_configuration_is_applied_before_the_service_reloads()
    {
        var seen = -1;

        var answer = await Reload(_ =>
        {
            seen = _applied;
            return Task.CompletedTask;
        });

        Assert.That((answer, seen), Is.EqualTo((new Frame.Reloaded(), 1)));
    }

    [Test]
    public async Task A_service_without_IReloadable_is_replaced()
    {
        await StartAsync(new NotReloadable());

        Assert.That(await _runner.ReloadAsync(_stopping.Token), Is.EqualTo(new Frame.CannotReload()));
    }

    [Test]
    public async Task A_CotyledonService_that_does_not_override_ReloadAsync_is_replaced()
    {
        await StartAsync(new PlainService());

        Assert.That(await _runner.ReloadAsync(_stopping.Token), Is.EqualTo(new Frame.CannotReload()));
    }

    [Test]
    public void An_exception_of_the_service_is_rethrown_and_the_next_reload_still_runs()
    {
        Assert.That(() => Reload(_ => throw new NotSupportedException()), Throws.TypeOf<NotSupportedException>());
        Assert.That(
            () => Reload(_ => Task.FromException(new InvalidDataException())), Throws.TypeOf<InvalidDataException>());
        Assert.That(async () => await Reload(_ => Task.CompletedTask), Is.EqualTo(new Frame.Reloaded()));
    }

    [Test]
    public async Task One_reload_runs_at_a_time_and_the_next_applies_the_configuration_after_it()
    {
        var (first, second) = (new Pending(), new Pending());
        var one = Reload(_ => first.Task);
        var two = Reload(_ => second.Task);
        Assert.That(_applied, Is.EqualTo(1), "only the first reload has started");

        first.SetResult();
        await one;
        second.SetResult();
        await two;

        Assert.That(_applied, Is.EqualTo(2));
    }

    [Test]
    public async Task The_token_is_cancelled_when_the_worker_stops()
    {
        var token = CancellationToken.None;
        var end = new Pending();
        var reload = Reload(ct =>
        {
            token = ct;
            return end.Task;
        });
        Assert.That(token.IsCancellationRequested, Is.False);

        await _stopping.CancelAsync();

        Assert.That(token.IsCancellationRequested);
        end.SetResult();
        await reload;
    }

    [Test]
    public async Task A_queued_reload_is_cancelled_when_the_worker_stops()
    {
        var end = new Pending();
        var first = Reload(_ => end.Task);
        var second = Reload(_ => Task.CompletedTask);

        await _stopping.CancelAsync();

        Assert.That(() => second, Throws.InstanceOf<OperationCanceledException>());
        end.SetResult();
        await first;
    }

    [Test]
    public async Task A_service_whose_reload_is_cancelled_at_its_deadline_is_replaced()
    {
        _runner.GracefulTimeout = TimeSpan.FromMilliseconds(1);

        var answer = await Reload(ct => Task.Delay(Timeout.Infinite, ct));

        Assert.That(answer, Is.EqualTo(new Frame.CannotReload()));
    }

    [Test]
    public async Task A_service_reloads_without_a_new_configuration_to_apply()
    {
        await StartAsync(_service);

        Assert.That(await Reload(_ => Task.CompletedTask), Is.EqualTo(new Frame.Reloaded()));
    }

    private Task<Frame> Reload(Func<CancellationToken, Task> reload)
    {
        _service.Reloads.Enqueue(reload);
        return _runner.ReloadAsync(_stopping.Token);
    }

    private Task StartAsync(IHostedService service, Action? applyConfiguration = null)
    {
        var services = new ServiceCollection();
        services.AddCotyledon();
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });
        _runner = new ServiceRunner(services.BuildServiceProvider(), context, Assignments.Poller, new TestLogger(), applyConfiguration);
        return _runner.StartAsync(new WorkerRegistration("Poller", service.GetType(), _ => service), CancellationToken.None);
    }

    private class NotReloadable : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Reloadable : NotReloadable, IReloadable
    {
        public Queue<Func<CancellationToken, Task>> Reloads { get; } = new();

        public Task ReloadAsync(CancellationToken cancellationToken) => Reloads.Dequeue()(cancellationToken);
    }

    private sealed class PlainService : CotyledonService;
}
