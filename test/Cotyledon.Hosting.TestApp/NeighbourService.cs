using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.TestApp;

/// <summary>A hosted service of the program that is not a worker. It must run once, in the master only.</summary>
/// <param name="name">Its name in the trace.</param>
/// <param name="gate">A file. Its start completes when the file exists.</param>
internal class NeighbourService(string name, string? gate = null) : IHostedService
{
    /// <summary>Whether the start ignores its cancellation.</summary>
    public bool IgnoresStop { get; init; }

    /// <summary>The error with which the start fails: <c>error</c> or <c>cancelled</c>.</summary>
    public string? Throws { get; init; }

    /// <summary>Whether the stop never ends.</summary>
    public bool Hangs { get; init; }

    /// <summary>Called by the start.</summary>
    public Action? OnStart { get; init; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Trace.Write("neighbour-start", name);
        OnStart?.Invoke();
        await using var cancelled = cancellationToken.Register(() => Trace.Write("neighbour-cancelled", name)).ConfigureAwait(false);
        while (gate is not null && !File.Exists(gate))
        {
            await Task.Delay(10, IgnoresStop ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
        }

        if (Throws is not null)
        {
            throw Throws == "cancelled" ? new TaskCanceledException() : new InvalidOperationException("The neighbour cannot start.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Trace.Write("neighbour-stop", name);
        return Hangs ? Task.Delay(Timeout.Infinite, CancellationToken.None) : Task.CompletedTask;
    }
}

/// <summary>A hosted service that the program keeps in workers too.</summary>
internal sealed class ObserverService : NeighbourService
{
    public ObserverService(IConfiguration configuration, IServiceProvider services)
        : base("observer")
    {
        Throws = CotyledonHost.IsWorker ? configuration["ObserverThrows"] : null;
        if (configuration["ObserverWatches"] is { } file)
        {
            OnStart = () => Watch(services.GetRequiredService<IWebHostEnvironment>().ContentRootFileProvider, file);
        }
    }

    private static void Watch(IFileProvider files, string file) =>
        ChangeToken.OnChange(() => files.Watch(file), () => Trace.Write("watched"));
}
