using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class ServiceReloadTests
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Reloadable _service = new();
    private readonly List<bool> _taken = [];
    private readonly Heartbeat _heartbeat = new(TimeSpan.Zero, TimeProvider.System, () => { });
    private ServiceRunner _runner = null!;

    [SetUp]
    public async Task SetUp()
    {
        await StartAsync(_service);
        _taken.Clear();
    }

    [TearDown]
    public void TearDown()
    {
        _stopping.Dispose();
        _heartbeat.Dispose();
    }

    [Test]
    public async Task The_new_configuration_is_applied_before_the_service_reloads()
    {
        var seen = -1;

        var answer = await Reload(_ =>
        {
            seen = _taken.Count(isApplied => isApplied);
            return Task.CompletedTask;
        });

        Assert.That((answer, seen), Is.EqualTo((new Frame.Reloaded(), 1)));
    }

    [Test]
    public async Task Code_that_a_reload_starts_belongs_to_the_worker()
    {
        IDisposable? wait = null;
        await Reload(_ =>
        {
            wait = WorkerProcess.BeginWait();
            return Task.CompletedTask;
        });

        Assert.That(wait, Is.Not.Null);
        wait!.Dispose();
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

    private static IEnumerable<TestCaseData> ServicesThatCallTheBase()
    {
        yield return new TestCaseData(new UndecidedService());
        yield return new TestCaseData(new AwaitingService());
    }

    [TestCaseSource(nameof(ServicesThatCallTheBase))]
    public async Task A_CotyledonService_whose_override_calls_the_base_is_replaced(IHostedService service)
    {
        await StartAsync(service);

        Assert.That(await _runner.ReloadAsync(_stopping.Token), Is.EqualTo(new Frame.CannotReload()));
        Assert.That(await _runner.ReloadAsync(_stopping.Token), Is.EqualTo(new Frame.CannotReload()), "also the second time");
    }

    private static IEnumerable<TestCaseData> ServicesThatCannotReload()
    {
        yield return new TestCaseData(new NotReloadable());
        yield return new TestCaseData(new PlainService());
        yield return new TestCaseData(new DerivedPlainService());
    }

    [TestCaseSource(nameof(ServicesThatCannotReload))]
    public async Task A_service_that_cannot_reload_keeps_the_configuration_of_its_start(IHostedService service)
    {
        await StartAsync(service);
        Assert.That(_taken, Is.EqualTo(new[] { true, false }), "before its creation, and what has arrived since");
        _taken.Clear();

        _runner.TakeConfiguration();
        await _runner.ReloadAsync(_stopping.Token);

        Assert.That(_taken, Is.EqualTo(new[] { false }));
    }

    private static IEnumerable<TestCaseData> ServicesThatReload()
    {
        yield return new TestCaseData(new Reloadable());
        yield return new TestCaseData(new UndecidedService());
        yield return new TestCaseData(new DerivedService());
    }

    [TestCaseSource(nameof(ServicesThatReload))]
    public async Task A_service_that_reloads_takes_a_configuration_at_once(IHostedService service)
    {
        await StartAsync(service);
        _taken.Clear();

        _runner.TakeConfiguration();

        Assert.That(_taken, Is.EqualTo(new[] { true }));
    }

    [Test]
    public async Task A_configuration_that_arrives_while_the_service_is_created_is_taken_after_it()
    {
        await StartAsync(new Reloadable(), whileCreating: () =>
        {
            _taken.Clear();
            _runner.TakeConfiguration();
            Assert.That(_taken, Is.Empty, "not known yet whether the service can reload");
        });

        Assert.That(_taken, Is.EqualTo(new[] { true }));
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
        Assert.That(_taken, Has.Count.EqualTo(1), "only the first reload has started");

        first.SetResult();
        await one;
        second.SetResult();
        await two;

        Assert.That(_taken, Is.EqualTo(new[] { true, true }));
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
        await StartAsync(_service, sendsConfiguration: false);

        Assert.That(await Reload(_ => Task.CompletedTask), Is.EqualTo(new Frame.Reloaded()));
    }

    private Task<Frame> Reload(Func<CancellationToken, Task> reload)
    {
        _service.Reloads.Enqueue(reload);
        return _runner.ReloadAsync(_stopping.Token);
    }

    private Task StartAsync(IHostedService service, Action? whileCreating = null, bool sendsConfiguration = true)
    {
        var services = new ServiceCollection();
        services.AddCotyledon();
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { }) { Heartbeat = _heartbeat };
        _runner = new ServiceRunner(
            services.BuildServiceProvider(), context, Assignments.Poller, new TestLogger(), sendsConfiguration ? _taken.Add : null);
        return _runner.StartAsync(new WorkerRegistration("Poller", service.GetType(), Create), CancellationToken.None);

        IHostedService Create(IServiceProvider provider)
        {
            whileCreating?.Invoke();
            return service;
        }
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

    private class PlainService : CotyledonService;

    private sealed class DerivedPlainService : PlainService;

    private class UndecidedService : CotyledonService
    {
        public override Task ReloadAsync(CancellationToken cancellationToken) => base.ReloadAsync(cancellationToken);
    }

    private sealed class DerivedService : UndecidedService;

    private sealed class AwaitingService : CotyledonService
    {
        public override async Task ReloadAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            await base.ReloadAsync(cancellationToken);
        }
    }
}
