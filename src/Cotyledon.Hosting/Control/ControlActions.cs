using System.Globalization;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>
/// Requests that change the program. An action goes on if its connection is closed. The wait for a number of workers ends then, because they may
/// never become ready.
/// </summary>
internal static class ControlActions
{
    /// <summary>How often the progress of an action is looked at, while it runs.</summary>
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    public static Task<byte[]> ScaleAsync(ControlCall call)
    {
        var workers = call.Request.Workers ?? throw ControlError.Usage("'scale' needs the field workers.");
        return workers is >= 0 and <= OptionLimits.MaxWorkers
            ? ScaleServiceAsync(call, (manager, service) => manager.ScaleAsync(service.Name, workers, call.Cancelled))
            : throw ControlError.Usage(string.Create(CultureInfo.InvariantCulture, $"workers is {workers}; it must be from 0 to {OptionLimits.MaxWorkers}."));
    }

    public static Task<byte[]> ResetAsync(ControlCall call) => ScaleServiceAsync(
        call, (manager, service) => manager.ResetScaleAsync(service.Name, call.Cancelled));

    /// <summary>Starts what was given up or stopped.</summary>
    public static Task<byte[]> StartAsync(ControlCall call) => ScaleServiceAsync(
        call, (manager, service) => manager.ScaleAsync(service.Name, StartTarget(service), call.Cancelled));

    public static Task<byte[]> StopAsync(ControlCall call) => ScaleServiceAsync(
        call, (manager, service) => manager.ScaleAsync(service.Name, 0, call.Cancelled));

    public static Task<byte[]> RestartAsync(ControlCall call)
    {
        var service = call.Service();
        if (call.Request.Worker is null)
        {
            return ReplaceAsync(call, OperationKind.Restart, service.Name, null, manager => manager.RestartAsync(service.Name));
        }

        var worker = call.Worker(service);
        return ReplaceAsync(
            call, OperationKind.Restart, service.Name, worker.WorkerId, manager => manager.RestartAsync(service.Name, worker.WorkerId));
    }

    public static Task<byte[]> ReloadAsync(ControlCall call) =>
        ReplaceAsync(call, OperationKind.Reload, null, null, manager => manager.ReloadAsync());

    public static async Task<byte[]> KillAsync(ControlCall call)
    {
        var service = call.Service();
        var worker = call.Worker(service);
        var incarnation = call.Request.Incarnation ?? worker.Incarnation;
        if (!await call.Manager.KillAsync(service.Name, worker.WorkerId, incarnation).ConfigureAwait(false))
        {
            throw ControlError.Conflict($"Incarnation {incarnation} of {service.Name}({worker.WorkerId}) does not run; nothing was killed.");
        }

        var killed = new KillObject
        {
            Killed = true,
            Pid = worker.Incarnation == incarnation ? worker.ProcessId : null,
            Incarnation = incarnation,
        };
        return call.Result(killed);
    }

    public static byte[] Shutdown(ControlCall call)
    {
        var exitCode = call.Request.ExitCode ?? 0;
        if (exitCode is < 0 or > 255)
        {
            throw ControlError.Usage($"exitCode is {exitCode}; it must be from 0 to 255.");
        }

        call.Manager.Shutdown(exitCode);
        return call.Result(new EmptyObject());
    }

    private static int StartTarget(ServiceStatus service) => service switch
    {
        { Target: > 0 } => service.Target,
        { ConfiguredTarget: > 0 } => service.ConfiguredTarget,
        _ => throw ControlError.Conflict($"The configured number of workers of service '{service.Name}' is 0. Use scale to start workers."),
    };

    private static async Task<byte[]> ScaleServiceAsync(ControlCall call, Func<ICotyledonManager, ServiceStatus, Task<ScaleResult>> change)
    {
        var before = call.Service();
        var (ready, target) = (before.Ready, before.Target);
        var outcome = await WithProgressAsync(call, change(call.Manager, before), async () =>
        {
            var now = call.Service();
            if ((now.Ready, now.Target) != (ready, target))
            {
                (ready, target) = (now.Ready, now.Target);
                await call.ReportAsync(new ReadyProgressObject(ready, target)).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        if (outcome.Outcome != ScaleOutcome.Scaled)
        {
            // ControlError.From chooses the code of a failure: another one if the program stops.
            var errors = string.Join(" ", outcome.Errors);
            throw outcome.Outcome == ScaleOutcome.Superseded ? ControlError.Conflict(errors) : new InvalidOperationException(errors);
        }

        var after = call.Service();
        var result = new ScaleObject
        {
            Service = after.Name,
            From = before.Target,
            To = after.Target,
            Configured = after.ConfiguredTarget,
            DurationMs = (long)outcome.Duration.TotalMilliseconds,
        };
        return call.Result(result);
    }

    private static async Task<byte[]> ReplaceAsync(
        ControlCall call, OperationKind kind, string? service, int? workerId, Func<ICotyledonManager, Task<ReloadResult>> replace)
    {
        var progress = new OperationProgress(call, kind, service, workerId);
        var result = await WithProgressAsync(call, replace(call.Manager), progress.ReportAsync).ConfigureAwait(false);
        if (!call.Cancelled.IsCancellationRequested)
        {
            await progress.ReportAsync().ConfigureAwait(false);
        }

        return call.Result(result.ToObject());
    }

    /// <summary>Waits for an action, and reports its progress until the connection is closed.</summary>
    private static async Task<T> WithProgressAsync<T>(ControlCall call, Task<T> action, Func<ValueTask> report)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled);
        var reporting = action.IsCompleted ? Task.CompletedTask : ReportAsync();
        try
        {
            return await action.ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await reporting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task ReportAsync()
        {
            using var timer = new PeriodicTimer(ProgressInterval, call.Host.Clock);
            while (await timer.WaitForNextTickAsync(ended.Token).ConfigureAwait(false))
            {
                await report().ConfigureAwait(false);
            }
        }
    }
}
