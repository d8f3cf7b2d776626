using System.Globalization;
using System.IO.Pipes;
using System.Text;
using Cotyledon.Hosting.Queues;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.TestApp;

/// <summary>Runs commands from the standard input of the master, and traces the events of the supervisor.</summary>
internal sealed class ControlService(
    ICotyledonManager manager, IServiceProvider services, IConfiguration configuration, IOptionsMonitor<Sources.Limits> limits)
    : BackgroundService, IHostedLifecycleService
{
    private IAsyncEnumerable<WorkerEvent> _events = null!;

    /// <summary>Subscribes before the supervisor starts, so that no event is missed.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _events = manager.WatchAsync(CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        limits.OnChange(_ => Trace.Write("changed", detail: Sources.Seen(configuration)));
        Trace.Write("control");
        new Thread(Listen) { IsBackground = true }.Start();
        return WatchAsync(stoppingToken);
    }

    private void Listen()
    {
        try
        {
            while (Console.In.ReadLine() is { } line)
            {
                _ = ObeyAsync(line.Split(' '));
            }
        }
        catch (IOException)
        {
            // The terminal was closed.
        }
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        await foreach (var what in _events.WithCancellation(ct).ConfigureAwait(false))
        {
            Trace.Write("event", what.Service, what.WorkerId, what.Incarnation, $"{what.Kind} {what.ProcessId}{Describe(what.Exit)}");
            if (what.Kind == WorkerEventKind.Assigned)
            {
                // The lines are written later than the event.
                Trace.Write("assigned", detail: $"{what.Time:O}");
            }
        }
    }

    private static string Describe(WorkerExit? exit) =>
        exit is null ? "" : $" {exit.Reason} code={exit.ExitCode} signal={exit.Signal}";

    private async Task ObeyAsync(string[] words)
    {
        try
        {
            switch (words)
            {
                case ["resize", var service, var count]:
                    var scaled = await manager.ScaleAsync(service, Number(count)).ConfigureAwait(false);
                    Trace.Write("scaled", service, detail: $"{count} {scaled.Outcome}");
                    break;
                case ["shutdown", var code]:
                    manager.Shutdown(int.Parse(code, CultureInfo.InvariantCulture));
                    break;
                case ["reload"]:
                    Write(await manager.ReloadAsync().ConfigureAwait(false));
                    break;
                case ["restart", var service]:
                    Write(await manager.RestartAsync(service).ConfigureAwait(false));
                    break;
                case ["restart", var service, var id]:
                    Write(await manager.RestartAsync(service, Number(id)).ConfigureAwait(false));
                    break;
                case ["kill", var service, var id, var incarnation]:
                    var isKilled = await manager.KillAsync(service, Number(id), Number(incarnation)).ConfigureAwait(false);
                    Trace.Write("killed", service, Number(id), detail: $"{isKilled}");
                    break;
                case ["reset", var service]:
                    await manager.ResetScaleAsync(service).ConfigureAwait(false);
                    break;
                case ["usage"]:
                    await MeasureAsync().ConfigureAwait(false);
                    break;
                case ["replay", var after, var count]:
                    await ReplayAsync(Number(after), Number(count)).ConfigureAwait(false);
                    break;
                case ["operations"]:
                    WriteOperations();
                    break;
                case ["values"]:
                    Trace.Write("values", detail: $"{Sources.Seen(configuration)} {limits.CurrentValue.Extra}");
                    break;
                case ["set", var key, var value]:
                    configuration[key] = value;
                    break;
                case ["errors"]:
                    Trace.Write("errors", detail: string.Join(' ', manager.ConfigurationErrors));
                    break;
                case ["status"]:
                    WriteStatus();
                    break;
                case ["block-pool"]:
                    Script.BlockPool();
                    Trace.Write("pool-blocked");
                    break;
                case ["handles"]:
                    Trace.Write("handles", detail: $"{HighestHandle()}");
                    break;
                case ["console-event", var number]:
                    Script.RaiseConsoleEvent(int.Parse(number, CultureInfo.InvariantCulture));
                    break;
                case ["fork"]:
                    Script.Fork();
                    break;
                case ["start-process"]:
                    using (var process = System.Diagnostics.Process.Start("/bin/true"))
                    {
                        await process.WaitForExitAsync().ConfigureAwait(false);
                    }

                    break;
                case ["metrics"]:
                    services.GetRequiredService<ITelemetryCommands>().Collect();
                    break;
                case ["health"]:
                    await services.GetRequiredService<ITelemetryCommands>().CheckAsync().ConfigureAwait(false);
                    break;
                case ["clock"]:
                    Trace.Write("clock", detail: $"{DateTime.UtcNow:O}");
                    break;
                case ["enqueue", var count]:
                    await services.GetRequiredService<QueueCommands>().EnqueueAsync(int.Parse(count, CultureInfo.InvariantCulture))
                        .ConfigureAwait(false);
                    break;
                case ["enqueue-one", var action]:
                    await services.GetRequiredService<QueueCommands>().EnqueueAsync(action).ConfigureAwait(false);
                    break;
                case ["counts"]:
                    await services.GetRequiredService<QueueCommands>().CountAsync().ConfigureAwait(false);
                    break;
                case ["retry-dead"]:
                    await services.GetRequiredService<QueueCommands>().RetryAsync().ConfigureAwait(false);
                    break;
                case ["pipe", var request]:
                    Trace.Write("pipe", detail: await AskAsync(request).ConfigureAwait(false));
                    break;
                case ["collect"]:
                    Collect();
                    break;
                case ["report", var question]:
                    WriteReport();
                    Trace.Write("reported", detail: question);
                    return;
            }

            Trace.Write("done", detail: string.Join(' ', words));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or QueueException)
        {
            Trace.Write("failed", detail: $"{string.Join(' ', words)}: {e.Message}");
        }
    }

    private static void Write(ReloadResult result) => Trace.Write(
        "result",
        detail: $"{result.Outcome} changed={string.Join(',', result.ChangedKeys)} "
            + string.Concat(result.Services.Select(s => $"{s.Service}:{s.Reloaded}/{s.Replaced} "))
            + $"errors={string.Join(';', result.Errors)}");

    /// <summary>Sends a request to the control endpoint of this program on Windows, and returns the greeting and the last answer.</summary>
    private static async Task<string> AskAsync(string request)
    {
        var name = $"cotyledon.{typeof(ControlService).Assembly.GetName().Name}.{Environment.ProcessId}";
        var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous);
        await using (pipe.ConfigureAwait(false))
        {
            await pipe.ConnectAsync().ConfigureAwait(false);
            using var reader = new StreamReader(pipe);
            var greeting = await reader.ReadLineAsync().ConfigureAwait(false);
            await pipe.WriteAsync(Encoding.UTF8.GetBytes(request + "\n")).ConfigureAwait(false);
            string? answer;
            do
            {
                answer = await reader.ReadLineAsync().ConfigureAwait(false);
            }
            while (answer?.Contains("\"progress\"", StringComparison.Ordinal) == true);

            return $"{greeting} {answer}";
        }
    }

    /// <summary>Collects all garbage, so that the remaining memory can be compared.</summary>
    private static void Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Trace.Write("collected", detail: $"{GC.GetTotalMemory(forceFullCollection: false) / 1024}");
    }

    /// <summary>
    /// The highest number of some new handles, which grows with the number of open ones. Wine's count of handles includes free numbers.
    /// </summary>
    private static long HighestHandle()
    {
        var handles = Enumerable.Range(0, 50).Select(_ => new EventWaitHandle(false, EventResetMode.ManualReset)).ToList();
        var highest = handles.Max(h => h.SafeWaitHandle.DangerousGetHandle());
        handles.ForEach(h => h.Dispose());
        return highest / 4;
    }

    /// <summary>Traces the status with incarnations and process ids.</summary>
    private void WriteReport()
    {
        foreach (var service in manager.GetStatus())
        {
            var workers = service.Workers.Select(w => $"{w.WorkerId}:{w.State}:{w.Incarnation}:{w.ProcessId}");
            Trace.Write("report", service.Name, detail: $"{service.Target} {string.Join(' ', workers)}");
        }
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private async Task MeasureAsync()
    {
        foreach (var usage in await manager.MeasureAsync().ConfigureAwait(false))
        {
            Trace.Write("usage", usage.Service ?? "", usage.WorkerId ?? -1, detail: string.Create(
                CultureInfo.InvariantCulture, $"{usage.ProcessId} {usage.CpuPercent:0} {usage.MemoryBytes}"));
        }
    }

    private async Task ReplayAsync(int after, int count)
    {
        await foreach (var what in manager.WatchAsync(after).Take(count).ConfigureAwait(false))
        {
            Trace.Write("replayed", what.Service, what.WorkerId, what.Incarnation, $"{after} {what.Number} {what.Kind} {what.ProcessId}");
        }
    }

    private void WriteOperations()
    {
        foreach (var operation in manager.GetOperations())
        {
            var steps = operation.Steps.Select(s => $" {s.Service}/{s.WorkerId}:{s.Kind}:{s.OldIncarnation}-{s.NewIncarnation}");
            Trace.Write("operation", detail: $"{operation.Kind} {operation.Result?.Outcome} by={string.Join(", ", operation.RequestedBy)}{string.Concat(steps)}");
        }
    }

    private void WriteStatus()
    {
        foreach (var service in manager.GetStatus())
        {
            var workers = service.Workers.Select(w => $"{w.WorkerId}={w.State}");
            Trace.Write("status", service.Name, detail: $"{service.Ready}/{service.Target} {string.Join(' ', workers)}");
        }
    }
}
