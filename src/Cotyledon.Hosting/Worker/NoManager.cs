namespace Cotyledon.Hosting.Worker;

/// <summary>
/// Stands for the manager in workers: what is made in both, such as hooks, may ask for one in its constructor, and use it in the
/// master.
/// </summary>
internal sealed class NoManager : ICotyledonManager
{
    public IReadOnlyList<string> ConfigurationErrors => throw Error();

    public IReadOnlyList<ServiceStatus> GetStatus() => throw Error();

    public Task ReconfigureAsync(string service, int workers, CancellationToken cancellationToken = default) => throw Error();

    public Task<ReloadResult> ReloadAsync(CancellationToken cancellationToken = default) => throw Error();

    public Task<ReloadResult> RestartAsync(string service, CancellationToken cancellationToken = default) => throw Error();

    public void Shutdown(int exitCode = 0) => throw Error();

    public IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken cancellationToken = default) => throw Error();

    private static InvalidOperationException Error() => new(
        "This is a worker: ICotyledonManager works in the master only. Ask CotyledonHost.IsWorker before using it; a worker that "
        + "wants to be replaced calls IWorkerContext.RequestRestart.");
}
