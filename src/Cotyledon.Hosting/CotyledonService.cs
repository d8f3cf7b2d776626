using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>Provides a base class for services with the life cycle of Cotyledon: run, terminate and reload.</summary>
/// <remarks>A <see cref="BackgroundService"/>, or any other <see cref="IHostedService"/>, can run as a worker as well.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no wait handle; there is nothing to free.")]
public abstract class CotyledonService : IHostedService, IReloadable
{
    /// <summary>How long <see cref="RunAsync"/> may continue after <see cref="TerminateAsync"/> has completed.</summary>
    internal static readonly TimeSpan RunTimeout = TimeSpan.FromSeconds(5);

    /// <summary>What <see cref="ReloadAsync"/> returns if it is not overridden. Reflection would not survive trimming.</summary>
    internal static readonly Task CannotReload = Task.FromResult(new object());

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Completes as <see cref="RunAsync"/> does. Completed before the start.</summary>
    internal Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Does the work of the service. Does nothing unless overridden.</summary>
    /// <param name="cancellationToken">Cancelled when the worker stops, before <see cref="TerminateAsync"/> is called.</param>
    /// <returns>
    /// A task. When it completes, the worker is idle until it is stopped. If it fails, the worker exits with code 2, or with that of a
    /// <see cref="WorkerExitException"/>, and <see cref="TerminateAsync"/> is not called.
    /// </returns>
    /// <remarks>Called once, on a thread pool thread.</remarks>
    protected virtual Task RunAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops the service gracefully. Called once, while <see cref="RunAsync"/> may still be running.</summary>
    /// <param name="cancellationToken">Cancelled at the graceful timeout, when the worker is killed.</param>
    /// <returns>
    /// A task that completes when the service has stopped. <see cref="RunAsync"/> then has 5 more seconds to return; after that the worker exits
    /// with code 0 without it. If the task fails, the worker exits with code 2, or with that of a <see cref="WorkerExitException"/>.
    /// </returns>
    /// <remarks>
    /// <para>Called on a thread pool thread.</para>
    /// <para>
    /// If <see cref="RunAsync"/> needs more than 5 seconds to finish its work, override this method and wait for that work in it, up to the graceful
    /// timeout; or use a <see cref="BackgroundService"/>, whose <c>ExecuteAsync</c> has the whole graceful timeout.
    /// </para>
    /// </remarks>
    protected virtual Task TerminateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>If it is not overridden, the worker is replaced by a new process instead.</remarks>
    public virtual Task ReloadAsync(CancellationToken cancellationToken) => CannotReload;

    /// <inheritdoc/>
    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        Completion = Task.Run(() => RunAsync(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    async Task IHostedService.StopAsync(CancellationToken cancellationToken)
    {
        if (Completion.IsFaulted || Completion.IsCanceled || _stopping.IsCancellationRequested)
        {
            // Cancelled before it was told to stop: something else failed, such as a request that timed out.
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await TerminateAsync(cancellationToken).ConfigureAwait(false);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timeout = PausableTimeout.TryStart(deadline, RunTimeout, TimeProvider.System);
        try
        {
            await Completion.WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Completion.IsCanceled || !cancellationToken.IsCancellationRequested)
        {
            // How a run that watches its token ends; or it goes on, although the service has stopped.
        }
    }
}
