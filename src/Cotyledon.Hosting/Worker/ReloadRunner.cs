using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>Reloads the service of a worker in place: configuration first, then the service, one reload after the other.</summary>
/// <param name="configuration">What is read again; <see langword="null"/> where somebody else does that, or there is none.</param>
/// <param name="logger">Where failures go.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle has nothing to free.")]
internal sealed class ReloadRunner(IConfigurationRoot? configuration, ILogger logger)
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Does one reload and returns what the master is to hear.</summary>
    /// <exception cref="Exception">What the service threw: the worker cannot go on.</exception>
    public async Task<Frame> ReloadAsync(IHostedService service, TimeSpan timeout, CancellationToken stopping)
    {
        if (service is not IReloadable reloadable)
        {
            return Frame.ReplaceMe.Instance;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await _oneAtATime.WaitAsync(stopping).ConfigureAwait(false);
        try
        {
            if (ReadConfiguration() is { } failed)
            {
                return failed;
            }

            var begin = Stopwatch.GetTimestamp();
            var reload = reloadable.ReloadAsync(deadline.Token);
            if (ReferenceEquals(reload, CotyledonService.CannotReload))
            {
                return Frame.ReplaceMe.Instance;
            }

            if (!reload.IsCompleted && timeout > TimeSpan.Zero)
            {
                // Not before the call: most reloads have ended by now, and need no timer. One that blocks its thread hears of the
                // same deadline from the master, which has it replaced.
                var left = timeout - Stopwatch.GetElapsedTime(begin);
                deadline.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }

            await reload.ConfigureAwait(false);
            return Frame.Reloaded.Instance;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            // It kept to its deadline: no reason to treat it worse than one that does not.
            return Frame.ReplaceMe.Instance;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private Frame.ReloadFailed? ReadConfiguration()
    {
        try
        {
            if (configuration is not null)
            {
                ConfigurationReload.ReadAgain(configuration);
            }

            return null;
        }
        catch (Exception e)
        {
            // Whatever a provider throws: a file cut in half, a server that is away.
            Log.ReloadFailed(logger, e);
            return new Frame.ReloadFailed(Lifeline.Describe(e));
        }
    }
}
