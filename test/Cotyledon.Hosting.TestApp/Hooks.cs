namespace Cotyledon.Hosting.TestApp;

/// <summary>Writes every hook into the trace; <c>Script:Hooks:NAME</c> may be throw or hang.</summary>
internal sealed class Hooks(IConfiguration configuration, ICotyledonManager manager) : ICotyledonHooks
{
    public Task OnTerminateAsync(CancellationToken cancellationToken)
    {
        Trace.Write("hook-terminate");
        return PlayAsync("Terminate");
    }

    public Task OnReloadAsync(CancellationToken cancellationToken)
    {
        Trace.Write("hook-reload");
        return PlayAsync("Reload");
    }

    public Task OnNewWorkerAsync(IWorkerContext worker, IHostedService service, CancellationToken cancellationToken)
    {
        if (worker.ServiceName == "Web")
        {
            Trace.Write("start", worker, Sources.Seen(configuration)); // Other services trace this themselves.
        }

        Trace.Write("hook-new", worker, service.GetType().Name);
        return PlayAsync("NewWorker");
    }

    public Task OnDeadWorkerAsync(WorkerExit exit, CancellationToken cancellationToken)
    {
        Trace.Write(
            "hook-dead",
            exit.Service,
            exit.WorkerId,
            exit.Incarnation,
            $"{exit.Reason} code={exit.ExitCode} signal={exit.Signal} pid={exit.ProcessId} next={exit.NextStart?.TotalSeconds} "
            + $"tail={string.Join('|', exit.StandardErrorTail)} message={exit.Message}");
        return PlayAsync("DeadWorker");
    }

    private async Task PlayAsync(string point)
    {
        switch (configuration[$"Script:Hooks:{point}"])
        {
            case "throw":
                throw new InvalidOperationException("a hook, as scripted");
            case "hang":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "resize":
                await manager.ScaleAsync("heavy", 3).ConfigureAwait(false);
                Trace.Write("hook-resized");
                break;
        }
    }
}

/// <summary>A second set of hooks, which must run even if the first one fails.</summary>
internal sealed class OtherHooks : ICotyledonHooks
{
    public Task OnTerminateAsync(CancellationToken cancellationToken)
    {
        Trace.Write("other-hook-terminate", detail: $"{DateTimeOffset.UtcNow:O}");
        return Task.CompletedTask;
    }
}

/// <summary>Delays replacements; <c>Script:Hooks:Replacement</c> may be hang, throw or shutdown.</summary>
internal sealed class ReplacementHooks(IConfiguration configuration, ICotyledonManager manager) : ICotyledonReplacementHooks
{
    public async Task OnBeforeReplacementAsync(WorkerExit exit, CancellationToken cancellationToken)
    {
        Trace.Write("hook-before", exit.Service, exit.WorkerId, exit.Incarnation, $"{exit.Reason}");
        switch (configuration["Script:Hooks:Replacement"])
        {
            case "throw":
                throw new InvalidOperationException("a hook, as scripted");
            case "hang":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "shutdown":
                manager.Shutdown(5);
                break;
        }

        await Task.Delay(300, cancellationToken).ConfigureAwait(false);
        Trace.Write("hook-before-ended", exit.Service, exit.WorkerId, exit.Incarnation, "");
    }
}
