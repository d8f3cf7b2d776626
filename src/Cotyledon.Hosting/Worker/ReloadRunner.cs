using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>Reloads the service of a worker in place: configuration first, then the service, one reload after the other.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle has nothing to free.")]
internal sealed class ReloadRunner(IServiceProvider services, ILogger logger)
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Does one reload and returns what the master is to hear.</summary>
    /// <exception cref="Exception">What the service threw: the worker cannot go on.</exception>
    public async Task<Frame> ReloadAsync(IHostedService service, TimeSpan timeout, CancellationToken stopping)
    {
        await _oneAtATime.WaitAsync(stopping).ConfigureAwait(false);
        try
        {
            return await ReloadNowAsync(service, timeout, stopping).ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<Frame> ReloadNowAsync(IHostedService service, TimeSpan timeout, CancellationToken stopping)
    {
        if (service is not IReloadable reloadable)
        {
            return Frame.ReplaceMe.Instance;
        }

        try
        {
            (services.GetService<IConfiguration>() as IConfigurationRoot)?.Reload();
        }
        catch (Exception e)
        {
            // Whatever a provider throws: a file cut in half, a server that is away.
            Log.ReloadFailed(logger, e);
            return new Frame.ReloadFailed(Lifeline.Describe(e));
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        if (timeout > TimeSpan.Zero)
        {
            deadline.CancelAfter(timeout);
        }

        var reload = reloadable.ReloadAsync(deadline.Token);
        if (ReferenceEquals(reload, CotyledonService.CannotReload))
        {
            return Frame.ReplaceMe.Instance;
        }

        try
        {
            await reload.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            // It kept to its deadline: no reason to treat it worse than one that does not.
            return Frame.ReplaceMe.Instance;
        }

        return Frame.Reloaded.Instance;
    }
}
