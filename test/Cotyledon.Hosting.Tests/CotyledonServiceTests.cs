using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests;

[Parallelizable]
internal sealed class CotyledonServiceTests
{
    private readonly Probe _service = new();

    private IHostedService Hosted => _service;

    [Test]
    public async Task RunAsync_continues_after_the_start_and_is_cancelled_before_TerminateAsync()
    {
        _service.Run = ct => _service.UntilCancelled(ct);
        await Hosted.StartAsync(CancellationToken.None);
        await _service.Waits.Task;
        Assert.That(_service.Completion.IsCompleted, Is.False);

        await Hosted.StopAsync(CancellationToken.None);

        Assert.That(_service.Calls, Is.EqualTo(new[] { "run", "stopping", "terminate" }));
        Assert.That(_service.Completion.IsCanceled);
    }

    [Test]
    public async Task TerminateAsync_is_called_after_a_run_that_has_ended()
    {
        await Hosted.StartAsync(CancellationToken.None);
        await _service.Completion;

        await Hosted.StopAsync(CancellationToken.None);

        Assert.That(_service.Calls, Is.EqualTo(new[] { "run", "terminate" }));
    }

    [Test]
    public async Task StopAsync_waits_for_the_run_to_end()
    {
        var end = new Pending();
        _service.Run = _ => end.Task;
        await Hosted.StartAsync(CancellationToken.None);

        var stop = Hosted.StopAsync(CancellationToken.None);
        Assert.That(stop.IsCompleted, Is.False);
        end.SetResult();

        await stop;
    }

    [Test]
    public async Task StopAsync_does_not_wait_without_limit_for_a_run_that_ignores_the_cancellation([Values] bool overridesTerminate)
    {
        _service.Run = _ => Pending.ForEver;
        IHostedService service = overridesTerminate ? _service : new Endless();
        await service.StartAsync(CancellationToken.None);

        await service.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task StopAsync_waits_no_longer_than_its_deadline()
    {
        _service.Run = _ => Pending.ForEver;
        await Hosted.StartAsync(CancellationToken.None);
        using var deadline = new CancellationTokenSource();

        var stop = Hosted.StopAsync(deadline.Token);
        await deadline.CancelAsync();

        Assert.That(() => stop, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_callback_of_the_token_that_throws_fails_StopAsync_after_TerminateAsync_and_the_run()
    {
        var (terminating, end) = (new Pending(), new Pending());
        _service.Run = ct =>
        {
            ct.Register(() => throw new NotSupportedException());
            _service.Waits.SetResult();
            return end.Task;
        };
        _service.Terminate = _ =>
        {
            terminating.SetResult();
            return Task.CompletedTask;
        };
        await Hosted.StartAsync(CancellationToken.None);
        await _service.Waits.Task;

        var stop = Hosted.StopAsync(CancellationToken.None);
        await Task.WhenAny(terminating.Task, stop);
        Assert.That((terminating.Task.IsCompleted, stop.IsCompleted), Is.EqualTo((true, false)));
        end.SetResult();

        Assert.That(() => stop, Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public async Task TerminateAsync_is_not_called_after_a_failed_run()
    {
        _service.Run = _ => throw new NotSupportedException();
        await Hosted.StartAsync(CancellationToken.None);
        Assert.That(() => _service.Completion, Throws.TypeOf<NotSupportedException>());

        await Hosted.StopAsync(CancellationToken.None);

        Assert.That(_service.Calls, Is.EqualTo(new[] { "run" }));
    }

    [Test]
    public async Task A_run_cancelled_by_another_token_has_failed_and_TerminateAsync_is_not_called()
    {
        _service.Run = _ => throw new TaskCanceledException("an HTTP timeout");
        await Hosted.StartAsync(CancellationToken.None);
        Assert.That(() => _service.Completion, Throws.InstanceOf<OperationCanceledException>());

        await Hosted.StopAsync(CancellationToken.None);

        Assert.That(_service.Calls, Is.EqualTo(new[] { "run" }));
    }

    [Test]
    public async Task A_run_that_fails_while_it_stops_fails_StopAsync()
    {
        _service.Run = async ct =>
        {
            await _service.UntilCancelled(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new NotSupportedException();
        };
        await Hosted.StartAsync(CancellationToken.None);

        Assert.That(() => Hosted.StopAsync(CancellationToken.None), Throws.TypeOf<NotSupportedException>());
        Assert.That(_service.Calls, Does.Contain("terminate"));
    }

    [Test]
    public async Task An_exception_in_TerminateAsync_fails_StopAsync()
    {
        _service.Terminate = _ => throw new WorkerExitException(42);
        await Hosted.StartAsync(CancellationToken.None);

        Assert.That(
            () => Hosted.StopAsync(CancellationToken.None),
            Throws.TypeOf<WorkerExitException>().With.Property("ExitCode").EqualTo(42));
    }

    [Test]
    public async Task TerminateAsync_receives_the_deadline_token()
    {
        using var deadline = new CancellationTokenSource();
        CancellationToken? given = null;
        _service.Terminate = ct =>
        {
            given = ct;
            return Task.CompletedTask;
        };
        await Hosted.StartAsync(CancellationToken.None);

        await Hosted.StopAsync(deadline.Token);

        Assert.That(given, Is.EqualTo(deadline.Token));
    }

    [Test]
    public async Task TerminateAsync_is_called_once_for_repeated_stops()
    {
        await Hosted.StartAsync(CancellationToken.None);

        await Hosted.StopAsync(CancellationToken.None);
        await Hosted.StopAsync(CancellationToken.None);

        Assert.That(_service.Calls.Count(c => c == "terminate"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_blocking_run_does_not_delay_the_start()
    {
        using var end = new ManualResetEventSlim();
        _service.Run = _ =>
        {
            end.Wait(CancellationToken.None);
            return Task.CompletedTask;
        };

        await Hosted.StartAsync(CancellationToken.None);
        end.Set();
        await _service.Completion;
    }

    [TestCase(-1)]
    [TestCase(256)]
    public void An_exit_code_out_of_range_is_rejected(int exitCode)
    {
        Assert.That(() => new WorkerExitException(exitCode), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private sealed class Probe : CotyledonService
    {
        public ConcurrentQueue<string> Calls { get; } = new();

        public Func<CancellationToken, Task> Run { get; set; } = _ => Task.CompletedTask;

        public Func<CancellationToken, Task> Terminate { get; set; } = _ => Task.CompletedTask;

        public Pending Waits { get; } = new();

        public Task UntilCancelled(CancellationToken ct)
        {
            var end = new Pending();
            ct.Register(() =>
            {
                Calls.Enqueue("stopping");
                end.SetCanceled(ct);
            });
            Waits.SetResult();
            return end.Task;
        }

        protected override Task RunAsync(CancellationToken cancellationToken)
        {
            Calls.Enqueue("run");
            return Run(cancellationToken);
        }

        protected override Task TerminateAsync(CancellationToken cancellationToken)
        {
            Calls.Enqueue("terminate");
            return Terminate(cancellationToken);
        }
    }

    private sealed class Endless : CotyledonService
    {
        protected override Task RunAsync(CancellationToken cancellationToken) => Pending.ForEver;
    }
}
