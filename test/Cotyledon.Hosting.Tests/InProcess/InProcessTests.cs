using System.Globalization;
using Cotyledon.Hosting.Tests.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Moq;

namespace Cotyledon.Hosting.Tests.InProcess;

/// <summary>A program in a test host: all workers run inside it.</summary>
internal sealed class InProcessTests
{
    [TestCase("Auto")]
    [TestCase("Processes")]
    [TestCase("InProcess")]
    public async Task Workers_run_in_the_test_host_in_every_mode(string mode)
    {
        await using var program = await InProcessProgram.StartAsync(new() { Values = { ["Cotyledon:Mode"] = mode } });
        await program.UntilReadyAsync();

        Assert.That(program.Workers.Select(w => w.ProcessId), Is.All.EqualTo(Environment.ProcessId));
        Assert.That(Children(), Is.Empty);
    }

    [Test]
    public async Task A_stop_terminates_and_disposes_each_worker_once()
    {
        await using var program = await InProcessProgram.StartAsync();
        await program.UntilReadyAsync();
        await program.StopAsync();

        Assert.That(
            program.Record.Lines,
            Is.EquivalentTo(new[] { "0.1 init", "1.1 init", "0.1 terminate", "1.1 terminate", "0.1 dispose", "1.1 dispose" }));
    }

    [Test]
    public async Task A_watcher_from_before_the_start_receives_the_events_of_the_first_worker()
    {
        IAsyncEnumerable<WorkerEvent>? events = null;
        await using var program = await InProcessProgram.StartAsync(workers: 1, register: services => services.AddSingleton(p =>
        {
            events = p.GetRequiredService<ICotyledonManager>().WatchAsync();
            return Mock.Of<IHostedService>();
        }));
        await program.UntilReadyAsync(1);
        await program.StopAsync();

        Assert.That(await events!.Select(e => e.Kind).ToListAsync(), Is.EqualTo(new[]
        {
            WorkerEventKind.Started, WorkerEventKind.Assigned, WorkerEventKind.Ready, WorkerEventKind.Stopping, WorkerEventKind.Exited,
        }));
    }

    [Test]
    public async Task The_event_stream_ends_with_a_host_that_was_never_started()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddCotyledonWorker<RecordingService>(1, "poller");
        IAsyncEnumerable<WorkerEvent> events;
        using (var host = builder.Build())
        {
            events = host.Services.GetRequiredService<ICotyledonManager>().WatchAsync();
        }

        Assert.That(await events.CountAsync(), Is.Zero);
    }

    [Test]
    public async Task A_crashed_worker_is_replaced_under_the_same_id()
    {
        var record = new Record
        {
            Run = (worker, stopping) => worker is { WorkerId: 1, Incarnation: 1 }
                ? throw new NotSupportedException("as scripted")
                : Task.Delay(Timeout.Infinite, stopping),
        };
        await using var program = await InProcessProgram.StartAsync(record: record);
        await program.UntilAsync(() => program.Workers is [_, { Incarnation: 2, State: WorkerState.Ready }]);

        var exit = program.Workers[1].LastExit!;
        Assert.That((exit.Reason, exit.ExitCode), Is.EqualTo((WorkerExitReason.Faulted, 2)));
        Assert.That(exit.Message, Does.Contain("as scripted"));
        Assert.That(program.Record.Lines, Does.Contain("1.1 dispose").And.Contain("1.2 init"));
    }

    [Test]
    public async Task The_exit_code_of_a_WorkerExitException_is_logged()
    {
        var record = new Record { Terminate = _ => throw new WorkerExitException(42) };
        await using var program = await InProcessProgram.StartAsync(record: record, workers: 1);
        await program.UntilReadyAsync(1);
        await program.Manager.ScaleAsync("poller", 0);
        await program.UntilAsync(() => program.Log.Lines.Any(l => l.Message.Contains("exit code 42", StringComparison.Ordinal)));
    }

    [Test]
    public async Task A_worker_that_does_not_stop_is_abandoned_at_the_graceful_timeout()
    {
        var never = new Pending();
        var record = new Record { Terminate = _ => never.Task };
        await using var program = await InProcessProgram.StartAsync(
            configure: o => o.GracefulShutdownTimeout = TimeSpan.FromSeconds(0.1), record: record);
        await program.UntilReadyAsync();
        await program.StopAsync();

        await program.UntilAsync(() => program.Log.Names.Count(n => n == "WorkerAbandoned") == 2);
        await program.UntilAsync(() => program.Log.Names.Count(n => n == "WorkerExited") == 2);
        Assert.That(program.Log.Lines.Where(l => l.Name == "WorkerExited").Select(l => l.Message), Has.All.Contain("graceful timeout"));
        never.SetResult();
    }

    [Test]
    public async Task A_worker_that_does_not_become_ready_is_abandoned_and_restarted()
    {
        await using var program = await InProcessProgram.StartAsync(
            configure: o => (o.WaitForMarkReady, o.ReadyTimeout, o.MaxRestarts) = (true, TimeSpan.FromSeconds(0.1), 1), workers: 1);
        await program.UntilAsync(() => program.Workers is [{ State: WorkerState.GivenUp }]);

        Assert.That(program.Workers[0].LastExit!.Reason, Is.EqualTo(WorkerExitReason.ReadyTimeout));
        await program.UntilAsync(() => program.Record.Lines.Contains("0.2 dispose"));
    }

    [Test]
    public async Task A_resize_updates_the_remaining_worker_and_stops_the_highest_id()
    {
        await using var program = await InProcessProgram.StartAsync();
        await program.UntilReadyAsync();
        await program.Manager.ScaleAsync("poller", 1);

        await program.UntilAsync(() => program.Record.Lines.Contains("0.1 count 1"));
        Assert.That(program.Record.Lines, Does.Contain("1.1 terminate").And.Not.Contain("0.1 terminate"));
    }

    [Test]
    public async Task A_reload_reads_the_configuration_once_and_reaches_each_worker()
    {
        var source = new Source { Values = { ["Key"] = "1" } };
        await using var program = await InProcessProgram.StartAsync(source);
        await program.UntilReadyAsync();
        var loads = source.Loads;
        source.Values["Key"] = "2";
        var result = await program.Manager.ReloadAsync();

        Assert.That((result.Outcome, source.Loads - loads), Is.EqualTo((ReloadOutcome.Reloaded, 1)));
        Assert.That(program.Record.Lines.Where(l => l.EndsWith("reload", StringComparison.Ordinal)), Has.Exactly(2).Items);
    }

    [Test]
    public async Task A_reload_is_rejected_with_the_errors_of_all_options_validated_on_start()
    {
        var source = new Source { Values = { ["A"] = "1", ["B"] = "1" } };
        await using var program = await InProcessProgram.StartAsync(source, register: services =>
        {
            foreach (var name in new[] { "A", "B" })
            {
                services.AddOptions<Limit>(name)
                    .Configure<IConfiguration>((o, c) => o.Value = int.Parse(c[name]!, CultureInfo.InvariantCulture))
                    .Validate(o => o.Value > 0, $"{name} must be more than 0.")
                    .ValidateOnStart();
                services.AddSingleton<IOptionsChangeTokenSource<Limit>>(p =>
                    new ConfigurationChangeTokenSource<Limit>(name, p.GetRequiredService<IConfiguration>()));
            }
        });
        await program.UntilReadyAsync();
        source.Values["A"] = source.Values["B"] = "-1";
        var bad = await program.Manager.ReloadAsync();
        source.Values["A"] = source.Values["B"] = "2";
        var good = await program.Manager.ReloadAsync();

        Assert.That((bad.Outcome, good.Outcome), Is.EqualTo((ReloadOutcome.Rejected, ReloadOutcome.Reloaded)));
        Assert.That(string.Join(' ', bad.Errors), Does.Contain("A must be more than 0.").And.Contain("B must be more than 0."));
        Assert.That(program.Record.Lines.Count(l => l.EndsWith("reload", StringComparison.Ordinal)), Is.EqualTo(2), "only the valid one");
    }

    [Test]
    public async Task A_rolling_restart_gives_each_id_a_new_instance()
    {
        await using var program = await InProcessProgram.StartAsync();
        await program.UntilReadyAsync();
        var result = await program.Manager.RestartAsync("poller");

        Assert.That(result.Outcome, Is.EqualTo(ReloadOutcome.Reloaded));
        Assert.That(program.Workers.Select(w => w.Incarnation), Is.All.EqualTo(2));
    }

    [Test]
    public async Task A_stop_with_a_cancelled_token_does_not_end_the_test_process()
    {
        var never = new Pending();
        await using var program = await InProcessProgram.StartAsync(record: new Record { Terminate = _ => never.Task });
        await program.UntilReadyAsync();
        await program.StopAsync(new CancellationToken(canceled: true));

        await program.UntilAsync(() => program.Log.Names.Contains("FastStop"));
        Assert.That(Environment.ExitCode, Is.Zero);
        never.SetResult();
    }

    [Test]
    public async Task A_second_start_of_the_host_is_refused()
    {
        await using var program = await InProcessProgram.StartAsync();
        await program.UntilReadyAsync();

        Assert.That(program.StartAgainAsync, Throws.InvalidOperationException.With.Message.Contains("WaitForShutdownAsync"));
        Assert.That(program.Workers.Select(w => w.Incarnation), Is.All.EqualTo(1));
    }

    [Test]
    public async Task StopHost_stops_the_host_and_does_not_change_the_exit_code_of_the_test_process()
    {
        var record = new Record { Run = (_, _) => throw new NotSupportedException() };
        await using var program = await InProcessProgram.StartAsync(
            configure: o => (o.MaxRestarts, o.OnGiveUp) = (1, GiveUpAction.StopHost), record: record, workers: 1);
        await program.UntilAsync(() => program.Log.Names.Contains("SupervisorStopped"));

        Assert.That(Environment.ExitCode, Is.Zero);
    }

    [Test]
    public async Task A_changed_mode_logs_a_warning_and_has_no_effect()
    {
        var source = new Source { Values = { ["Cotyledon:Mode"] = "Auto" } };
        await using var program = await InProcessProgram.StartAsync(source);
        source.Values["Cotyledon:Mode"] = "InProcess";
        await program.Manager.ReloadAsync();

        Assert.That(
            program.Log.Lines.Select(l => l.Message),
            Has.One.Contains("Cotyledon:Mode has changed to InProcess; Auto stays in use until the program is restarted."));
    }

    private sealed class Limit
    {
        public int Value { get; set; }
    }

    private static IEnumerable<string> Children() => OperatingSystem.IsLinux()
        ? Directory.GetDirectories("/proc/self/task").SelectMany(t => ChildrenOf(t).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        : [];

    private static string ChildrenOf(string thread)
    {
        try
        {
            return File.ReadAllText($"{thread}/children");
        }
        catch (IOException)
        {
            return ""; // The thread has exited.
        }
    }
}
