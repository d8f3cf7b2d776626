namespace Cotyledon.Hosting.TestApp;

/// <summary>A hosted service of the program that is no worker: it must run in the master only, and once.</summary>
internal class NeighbourService(string name) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Trace.Write("neighbour-start", name);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Trace.Write("neighbour-stop", name);
        return Task.CompletedTask;
    }
}

/// <summary>One that the program wants in workers too.</summary>
internal sealed class ObserverService() : NeighbourService("observer");
