using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Testing.Tests;

internal sealed partial class TestWorkerTests
{
    private readonly Behaviour _behaviour = new();

    [Test]
    public async Task The_context_contains_the_identity_from_the_options()
    {
        await using var worker = await StartAsync(o => (o.WorkerId, o.WorkerCount, o.Incarnation) = (2, 5, 3));

        Assert.That(worker.IsReady);
        Assert.That(worker.Service.Seen, Is.EqualTo("Scripted 2/5 #3"));
        Assert.That(worker.Context.WorkerId, Is.EqualTo(2));
    }

    [Test]
    public async Task The_name_and_the_constructor_arguments_of_a_service_can_be_set()
    {
        await using var worker = await TestWorker.StartAsync<Named>(o =>
        {
            o.ServiceName = "other";
            o.Arguments.Add("an argument");
        });

        Assert.That((worker.Context.ServiceName, worker.Service.Argument), Is.EqualTo(("other", "an argument")));
    }

    [Test]
    public async Task A_generic_service_has_the_default_name_of_its_type()
    {
        await using var worker = await TestWorker.StartAsync<Generic<Behaviour>>();

        Assert.That(worker.Service.Name, Is.EqualTo("GenericOfBehaviour"));
    }

    [Test]
    public async Task The_registration_of_the_program_is_used()
    {
        await using var worker = await TestWorker.StartAsync<Named>(
            o => o.Services.AddCotyledonWorker("mine", 3, services => ActivatorUtilities.CreateInstance<Named>(services, "of the program")));

        Assert.That((worker.Context.ServiceName, worker.Service.Argument), Is.EqualTo(("mine", "of the program")));
    }

    [Test]
    public void ServiceName_is_required_with_two_registrations() => Assert.That(
        () => TestWorker.Start<Named>(o =>
        {
            o.Services.AddCotyledonWorker<Named>(1, "a");
            o.Services.AddCotyledonWorker<Named>(1, "b");
        }),
        Throws.InvalidOperationException.With.Message.Contains("Named is registered as a, b").And.Message.Contains("ServiceName"));

    [Test]
    public async Task A_stop_terminates_the_service_with_exit_code_0()
    {
        await using var worker = await StartAsync();
        var exit = await worker.StopAsync();

        Assert.That(exit, Is.EqualTo(new TestWorkerExit { Reason = WorkerExitReason.Stopped, ExitCode = 0 }));
        Assert.That(_behaviour.Lines, Is.EqualTo(new[] { "terminate", "dispose" }));
    }

    [Test]
    public async Task The_exit_contains_the_code_of_a_WorkerExitException()
    {
        _behaviour.Terminate = () => throw new WorkerExitException(42);
        await using var worker = await StartAsync();
        var exit = await worker.StopAsync();

        Assert.That((exit.Reason, exit.ExitCode), Is.EqualTo((WorkerExitReason.Stopped, 42)));
    }

    [Test]
    public async Task An_exception_of_the_run_leads_to_exit_code_2()
    {
        await using var worker = await StartAsync();
        _behaviour.Fail.SetException(new NotSupportedException("as scripted"));
        var exit = await worker.Completion;

        Assert.That((exit.Reason, exit.ExitCode), Is.EqualTo((WorkerExitReason.Faulted, 2)));
        Assert.That(exit.Message, Is.EqualTo("System.NotSupportedException: as scripted"));
    }

    [Test]
    public async Task A_failed_start_throws_an_exception_with_the_reason()
    {
        Assert.That(
            () => TestWorker.StartAsync<Broken>(),
            Throws.InvalidOperationException.With.Message.Contains("exited before it was ready: Faulted, exit code 2")
                .And.Message.Contains("as scripted"));

        await using var worker = TestWorker.Start<Broken>();
        Assert.That((await worker.Completion).ExitCode, Is.EqualTo(2));
        Assert.That(() => worker.Service, Throws.InvalidOperationException.With.Message.Contains("The service Broken does not exist"));
    }

    [Test]
    public void A_worker_that_does_not_become_ready_causes_a_TimeoutException() => Assert.That(
        () => StartAsync(o => (o.WaitForMarkReady, o.ReadyTimeout) = (true, TimeSpan.FromMilliseconds(50))),
        Throws.TypeOf<TimeoutException>());

    [Test]
    public async Task A_reload_reads_the_settings_first()
    {
        IDictionary<string, string?> settings = null!;
        await using var worker = await StartAsync(o => settings = o.Settings);
        settings["Key"] = "new";
        Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Reloaded));

        Assert.That(_behaviour.Lines, Is.EqualTo(new[] { "reload new" }));
    }

    [Test]
    public async Task A_reload_of_a_service_without_reload_support_returns_Replaced()
    {
        await using var worker = await TestWorker.StartAsync<Named>(o => o.Arguments.Add(""));

        Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Replaced));
        Assert.That(worker.RestartRequests, Is.Zero);
    }

    [Test]
    public async Task A_reload_that_ignores_its_token_returns_Replaced_at_the_graceful_timeout()
    {
        var release = new TaskCompletionSource();
        _behaviour.Reload = () => release.Task;
        await using var worker = await StartAsync(o => o.GracefulShutdownTimeout = TimeSpan.FromMilliseconds(200));

        Assert.That(await worker.ReloadAsync().WaitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo(TestReloadOutcome.Replaced));
        release.SetResult();
    }

    [Test]
    public async Task Each_of_several_reloads_at_a_time_returns_its_outcome()
    {
        var release = new TaskCompletionSource();
        _behaviour.Reload = () => release.Task;
        await using var worker = await StartAsync();
        Task<TestReloadOutcome>[] reloads = [worker.ReloadAsync(), worker.ReloadAsync(), worker.ReloadAsync()];
        release.SetResult();

        Assert.That(await Task.WhenAll(reloads).WaitAsync(TimeSpan.FromSeconds(30)), Is.All.EqualTo(TestReloadOutcome.Reloaded));
        Assert.That(_behaviour.Lines, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_restart_request_during_a_reload_is_counted_and_does_not_complete_the_reload()
    {
        var release = new TaskCompletionSource();
        _behaviour.Reload = () => release.Task;
        await using var worker = await StartAsync();
        var reload = worker.ReloadAsync();
        worker.Context.RequestRestart();
        Assert.That(() => worker.RestartRequests, Is.EqualTo(1).After(10_000, 10));
        release.SetResult();

        Assert.That(await reload, Is.EqualTo(TestReloadOutcome.Reloaded));
    }

    [Test]
    public async Task A_reload_that_throws_ends_the_worker()
    {
        _behaviour.Reload = () => throw new NotSupportedException("as scripted");
        await using var worker = await StartAsync();

        Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Exited));
        Assert.That((await worker.Completion).ExitCode, Is.EqualTo(2));
        Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Exited), "the worker has exited");
    }

    [Test]
    public async Task SetWorkerCount_raises_WorkerCountChanged()
    {
        await using var worker = await StartAsync();
        var raised = new TaskCompletionSource<int>();
        worker.Context.WorkerCountChanged += raised.SetResult;
        worker.SetWorkerCount(7);

        Assert.That(await raised.Task, Is.EqualTo(7));
    }

    [Test]
    public async Task RequestRestart_is_counted()
    {
        await using var worker = await StartAsync();
        worker.Context.RequestRestart();

        Assert.That(worker.RestartRequests, Is.EqualTo(1));
    }

    [Test]
    public async Task The_first_shutdown_request_is_kept()
    {
        await using var worker = await StartAsync();
        Assert.That(worker.ShutdownRequest, Is.Null);

        worker.Context.RequestShutdown(4);
        worker.Context.RequestShutdown();

        Assert.That(worker.ShutdownRequest, Is.EqualTo(4));
    }

    [Test]
    public async Task A_worker_that_does_not_stop_exits_at_its_graceful_timeout()
    {
        var never = new TaskCompletionSource();
        _behaviour.Terminate = () => never.Task;
        await using var worker = await StartAsync(o => o.GracefulShutdownTimeout = TimeSpan.FromMilliseconds(50));
        var exit = await worker.StopAsync();

        Assert.That((exit.Reason, exit.ExitCode), Is.EqualTo((WorkerExitReason.StopTimeout, 1)));
        never.SetResult();
    }

    [Test]
    public async Task A_callback_of_the_stopping_token_that_throws_does_not_cut_off_the_run()
    {
        var end = new TaskCompletionSource();
        _behaviour.Terminate = () => end.Task;
        await using var worker = await TestWorker.StartAsync<Careless>(o => o.Services.AddSingleton(_behaviour));
        await worker.Service.Running.Task;
        var stop = worker.StopAsync();
        await worker.Service.Stopping.Task;
        Assert.That(stop.IsCompleted, Is.False);
        end.SetResult();
        var exit = await stop;

        Assert.That((exit.Reason, exit.ExitCode), Is.EqualTo((WorkerExitReason.Faulted, 2)));
        Assert.That(exit.Message, Does.Contain("System.NotSupportedException: as scripted"));
        Assert.That(_behaviour.Lines, Is.EqualTo(new[] { "end of the run" }));
    }

    [Test]
    public async Task A_service_can_finish_its_work_before_its_run_is_cancelled()
    {
        await using var worker = await TestWorker.StartAsync<Draining>(o => o.Services.AddSingleton(_behaviour));
        await worker.StopAsync();

        Assert.That(_behaviour.Lines, Is.EqualTo(new[] { "running", "cancelled" }));
    }

    [Test]
    public async Task A_WorkerExitException_during_a_stop_chooses_the_exit_code_and_keeps_the_reason()
    {
        await using var worker = await TestWorker.StartAsync<ChoosesExitCode>();
        var exit = await worker.StopAsync();

        Assert.That((exit.Reason, exit.ExitCode), Is.EqualTo((WorkerExitReason.Stopped, 42)));
    }

    [Test]
    public async Task Registered_hooks_are_called()
    {
        await using var worker = await StartAsync(o => o.Services.AddCotyledonHooks<Hooks>());

        Assert.That(_behaviour.Lines, Is.EqualTo(new[] { "new 0" }));
    }

    private Task<TestWorker<Scripted>> StartAsync(Action<TestWorkerOptions>? configure = null) =>
        TestWorker.StartAsync<Scripted>(options =>
        {
            options.Services.AddSingleton(_behaviour);
            configure?.Invoke(options);
        });
}
