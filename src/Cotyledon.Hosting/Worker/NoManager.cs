namespace Cotyledon.Hosting.Worker;

/// <summary>
/// The manager in workers, whose members throw. Types that are created in master and workers, such as hooks, can inject the manager and
/// use it in the master only.
/// </summary>
internal sealed class NoManager : ICotyledonManager
{
    public IReadOnlyList<string> ConfigurationErrors => throw Error();

    public IReadOnlyList<ServiceStatus> GetStatus() => throw Error();

    public CotyledonOverview GetOverview() => throw Error();

    public IReadOnlyList<WorkerExit> GetExits(int max = 64) => throw Error();

    public IReadOnlyList<OperationStatus> GetOperations() => throw Error();

    public Task<IReadOnlyList<WorkerUsage>> MeasureAsync(CancellationToken cancellationToken = default) => throw Error();

    public Task<ScaleResult> ScaleAsync(string service, int workers, CancellationToken cancellationToken = default) => throw Error();

    public Task<ScaleResult> ResetScaleAsync(string service, CancellationToken cancellationToken = default) => throw Error();

    public Task<ReloadResult> ReloadAsync(CancellationToken cancellationToken = default) => throw Error();

    public Task<ReloadResult> RestartAsync(string service, CancellationToken cancellationToken = default) => throw Error();

    public Task<ReloadResult> RestartAsync(string service, int workerId, CancellationToken cancellationToken = default) => throw Error();

    public Task<bool> KillAsync(string service, int workerId, long incarnation, CancellationToken cancellationToken = default) => throw Error();

    public void Shutdown(int exitCode = 0) => throw Error();

    public IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken cancellationToken = default) => throw Error();

    public IAsyncEnumerable<WorkerEvent> WatchAsync(long after, CancellationToken cancellationToken = default) => throw Error();

    private static InvalidOperationException Error() => new(
        "ICotyledonManager works in the master only, and this process is a worker. Check CotyledonHost.IsWorker before using it. "
        + "To have this worker replaced, call IWorkerContext.RequestRestart.");
}
