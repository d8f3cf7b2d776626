using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Worker;

/// <summary>Reloads the service of a worker in place: configuration first, then the service, one reload after the other.</summary>
/// <param name="applyConfiguration">Takes the accepted configuration; <see langword="null"/> where the service has it already.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle has nothing to free.")]
internal sealed class ReloadRunner(Action? applyConfiguration)
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Does one reload and returns what the master is to hear.</summary>
    /// <exception cref="Exception">What the service threw: the worker cannot go on.</exception>
    public async Task<Frame> ReloadAsync(IHostedService service, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (service is not IReloadable reloadable)
        {
            return Frame.ReplaceMe.Instance;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            applyConfiguration?.Invoke();
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
                using var limit = PausableTimeout.TryStart(deadline, timeout - Stopwatch.GetElapsedTime(begin), TimeProvider.System);
                await reload.ConfigureAwait(false);
            }

            await reload.ConfigureAwait(false);
            return Frame.Reloaded.Instance;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // It kept to its deadline: no reason to treat it worse than one that does not.
            return Frame.ReplaceMe.Instance;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
