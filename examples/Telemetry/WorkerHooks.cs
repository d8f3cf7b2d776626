using Cotyledon.Hosting;

namespace Telemetry;

/// <summary>Logs the start of each worker, in the worker, and its exit, in the master.</summary>
internal sealed class WorkerHooks(ILogger<WorkerHooks> logger) : ICotyledonHooks
{
    public Task OnNewWorkerAsync(IWorkerContext worker, IHostedService service, CancellationToken cancellationToken)
    {
        logger.LogInformation("New worker: {Type}, incarnation {Incarnation}", service.GetType().Name, worker.Incarnation);
        return Task.CompletedTask;
    }

    public Task OnDeadWorkerAsync(WorkerExit exit, CancellationToken cancellationToken)
    {
        logger.LogInformation(
            "Dead worker: {Service}({WorkerId}) [{ProcessId}] {Reason}, {Status}, after {Seconds:0.0} s",
            exit.Service,
            exit.WorkerId,
            exit.ProcessId,
            exit.Reason,
            exit.Signal is { } signal ? $"signal {signal}" : $"exit code {exit.ExitCode}",
            exit.Uptime.TotalSeconds);
        return Task.CompletedTask;
    }
}
