namespace Cotyledon.Hosting.TestApp;

/// <summary>A hosted service of the program that is no worker: it must run in the master only, and once.</summary>
/// <param name="name">For the trace.</param>
/// <param name="gate">A file: its start takes until that is there.</param>
internal class NeighbourService(string name, string? gate = null) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Trace.Write("neighbour-start", name);
        while (gate is not null && !File.Exists(gate))
        {
            await Task.Delay(10, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Trace.Write("neighbour-stop", name);
        return Task.CompletedTask;
    }
}

/// <summary>One that the program wants in workers too.</summary>
internal sealed class ObserverService() : NeighbourService("observer");
