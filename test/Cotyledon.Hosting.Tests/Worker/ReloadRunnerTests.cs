using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.Hosting;
using Moq;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class ReloadRunnerTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private int _applied;
    private ReloadRunner _runner = null!;

    [SetUp]
    public void SetUp() => _runner = new ReloadRunner(() => _applied++);

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
    public async Task A_service_without_IReloadable_is_replaced() => Assert.That(
        await _runner.ReloadAsync(Mock.Of<IHostedService>(), Minute, _stopping.Token), Is.EqualTo(new Frame.ReplaceMe()));

    [Test]
    public async Task A_CotyledonService_that_does_not_override_ReloadAsync_is_replaced() =>
        Assert.That(
            await _runner.ReloadAsync(new PlainService(), Minute, _stopping.Token), Is.EqualTo(new Frame.ReplaceMe()));

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
        var answer = await _runner.ReloadAsync(
            Reloadable(ct => Task.Delay(Timeout.Infinite, ct)), TimeSpan.FromMilliseconds(1), _stopping.Token);

        Assert.That(answer, Is.EqualTo(new Frame.ReplaceMe()));
    }

    [Test]
    public async Task A_service_reloads_without_a_new_configuration_to_apply()
    {
        var runner = new ReloadRunner(null);

        Assert.That(
            await runner.ReloadAsync(Reloadable(_ => Task.CompletedTask), TimeSpan.Zero, _stopping.Token),
            Is.EqualTo(new Frame.Reloaded()));
    }

    private Task<Frame> Reload(Func<CancellationToken, Task> reload) =>
        _runner.ReloadAsync(Reloadable(reload), Minute, _stopping.Token);

    private static IHostedService Reloadable(Func<CancellationToken, Task> reload)
    {
        var service = new Mock<IHostedService>();
        service.As<IReloadable>().Setup(r => r.ReloadAsync(It.IsAny<CancellationToken>())).Returns(reload);
        return service.Object;
    }

    private sealed class PlainService : CotyledonService;
}
