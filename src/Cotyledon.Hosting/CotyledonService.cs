using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>
/// A service with the life cycle of Cotyledon: run, terminate, reload. A <c>BackgroundService</c> or any other
/// <c>IHostedService</c> serves as well.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no wait handle; there is nothing to free.")]
public abstract class CotyledonService : IHostedService, IReloadable
{
    /// <summary>How long <see cref="RunAsync"/> may go on after <see cref="TerminateAsync"/> has ended, where that is overridden.</summary>
    internal static readonly TimeSpan RunTimeout = TimeSpan.FromSeconds(5);

    private static readonly Task IsNotOverridden = Task.FromResult(new object());

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>What <see cref="ReloadAsync"/> returns where it is not overridden. Reflection would not survive trimming.</summary>
    internal static readonly Task CannotReload = Task.FromResult(new object());

    /// <summary>Ends as <see cref="RunAsync"/> does. Ended before the start.</summary>
    internal Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>What the service does. Does nothing unless overridden.</summary>
    /// <param name="cancellationToken">Cancelled when the worker is to leave, right before <see cref="TerminateAsync"/> is called.</param>
    /// <returns>
    /// A task that may end at any time: the worker then idles until it is told to leave. An exception ends the worker with
    /// exit code 2, a <see cref="WorkerExitException"/> with its own; <see cref="TerminateAsync"/> is not called then.
    /// </returns>
    /// <remarks>Called once, on a thread pool thread.</remarks>
    protected virtual Task RunAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the service gracefully. Called once, while <see cref="RunAsync"/> may still be on its way out.</summary>
    /// <param name="cancellationToken">Cancelled at the graceful timeout, when the worker is ended anyway.</param>
    /// <returns>
    /// A task that ends when the service has stopped. The worker then leaves with exit code 0, even if <see cref="RunAsync"/> has not
    /// returned 5 seconds later. An exception makes that exit code 2, a <see cref="WorkerExitException"/> its own.
    /// </returns>
    /// <remarks>
    /// Called on a thread pool thread. Where it is not overridden, the service has stopped when <see cref="RunAsync"/> has returned, which
    /// may take until the graceful timeout. So override it, and wait in it, if work that <see cref="RunAsync"/> ends needs longer than 5 seconds.
    /// </remarks>
    protected virtual Task TerminateAsync(CancellationToken cancellationToken) => IsNotOverridden;

    /// <inheritdoc/>
    /// <remarks>Where it is not overridden, the worker is replaced by a new process instead.</remarks>
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
        var termination = TerminateAsync(cancellationToken);
        await termination.ConfigureAwait(false);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timeout = ReferenceEquals(termination, IsNotOverridden)
            ? null
            : PausableTimeout.TryStart(deadline, RunTimeout, TimeProvider.System);
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
