using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests;

internal sealed class CotyledonServiceTests
{
    private readonly Probe _service = new();

    private IHostedService Hosted => _service;

    [Test]
    public async Task Run_goes_on_after_the_start_and_is_told_to_stop_before_terminate_is_called()
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
    public async Task A_run_that_has_ended_is_terminated_all_the_same()
    {
        await Hosted.StartAsync(CancellationToken.None);
        await _service.Completion;

        await Hosted.StopAsync(CancellationToken.None);

        Assert.That(_service.Calls, Is.EqualTo(new[] { "run", "terminate" }));
    }

    [Test]
    public async Task The_stop_waits_for_the_run_to_end()
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
    public async Task The_stop_does_not_wait_for_ever_for_a_run_that_ignores_it([Values] bool overridesTerminate)
    {
        _service.Run = _ => Pending.ForEver;
        IHostedService service = overridesTerminate ? _service : new Endless();
        await service.StartAsync(CancellationToken.None);

        await service.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task The_stop_waits_no_longer_than_the_deadline()
    {
        _service.Run = _ => Pending.ForEver;
        await Hosted.StartAsync(CancellationToken.None);
        using var deadline = new CancellationTokenSource();

        var stop = Hosted.StopAsync(deadline.Token);
        await deadline.CancelAsync();

        Assert.That(() => stop, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_run_that_has_failed_is_not_terminated()
    {
        _service.Run = _ => throw new NotSupportedException();
        await Hosted.StartAsync(CancellationToken.None);
        Assert.That(() => _service.Completion, Throws.TypeOf<NotSupportedException>());

        await Hosted.StopAsync(CancellationToken.None);

        Assert.That(_service.Calls, Is.EqualTo(new[] { "run" }));
    }

    [Test]
    public async Task A_run_that_was_cancelled_by_something_else_than_the_stop_has_failed_and_is_not_terminated()
    {
        _service.Run = _ => throw new TaskCanceledException("an HTTP timeout");
        await Hosted.StartAsync(CancellationToken.None);
        Assert.That(() => _service.Completion, Throws.InstanceOf<OperationCanceledException>());

        await Hosted.StopAsync(CancellationToken.None);

        Assert.That(_service.Calls, Is.EqualTo(new[] { "run" }));
    }

    [Test]
    public async Task A_run_that_fails_on_its_way_out_fails_the_stop()
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
    public async Task A_terminate_that_fails_fails_the_stop()
    {
        _service.Terminate = _ => throw new WorkerExitException(42);
        await Hosted.StartAsync(CancellationToken.None);

        Assert.That(
            () => Hosted.StopAsync(CancellationToken.None),
            Throws.TypeOf<WorkerExitException>().With.Property("ExitCode").EqualTo(42));
    }

    [Test]
    public async Task Terminate_gets_the_deadline()
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
    public async Task Terminate_is_called_once_however_often_the_host_stops()
    {
        await Hosted.StartAsync(CancellationToken.None);

        await Hosted.StopAsync(CancellationToken.None);
        await Hosted.StopAsync(CancellationToken.None);

        Assert.That(_service.Calls.Count(c => c == "terminate"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_run_that_blocks_does_not_hold_up_the_start()
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
    public void A_code_that_no_process_can_return_is_refused(int exitCode)
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
