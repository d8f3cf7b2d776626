namespace Cotyledon.Hosting.Master;

/// <summary>
/// Disposes of the supervisor before the services that its workers use until they exit, such as the log and the queues. The container disposes
/// in reverse order of creation, and creates those services before or after the supervisor. So this object is created last, at the start of the
/// supervisor.
/// </summary>
internal sealed class SupervisorDisposal(SupervisorService supervisor) : IAsyncDisposable, IDisposable
{
    public ValueTask DisposeAsync() => supervisor.DisposeAsync();

    public void Dispose() => supervisor.Dispose();
}
