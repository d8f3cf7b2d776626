using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>Provides a base class for services with the life cycle of Cotyledon: run, terminate and reload.</summary>
/// <remarks>A <see cref="BackgroundService"/>, or any other <see cref="IHostedService"/>, can run as a worker as well.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no wait handle; there is nothing to free.")]
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)]
public abstract class CotyledonService : IHostedService, IReloadable
{
    /// <summary>
    /// The time for which <see cref="RunAsync"/> may continue after <see cref="TerminateAsync"/> has completed, and foreground threads of a worker
    /// after <c>Main</c> has returned.
    /// </summary>
    internal static readonly TimeSpan RunTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The result of <see cref="ReloadAsync"/> if it is not overridden. It fails, so an override can also await it.</summary>
    private static readonly Task CannotReload = Task.FromException(new CannotReloadException());

    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _isRunCancelledByStop;

    /// <summary>The task of <see cref="RunAsync"/>; a completed task before the start.</summary>
    internal Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Whether the class of the service overrides <see cref="ReloadAsync"/>.</summary>
    internal bool OverridesReload =>
        GetType().GetMethod(nameof(ReloadAsync), [typeof(CancellationToken)])?.DeclaringType != typeof(CotyledonService);

    /// <summary>Does the work of the service. Does nothing unless overridden.</summary>
    /// <param name="cancellationToken">Cancelled when the worker stops, before <see cref="TerminateAsync"/> is called.</param>
    /// <returns>
    /// A task. When it completes, the worker is idle until it is stopped. If it fails, the worker exits with code 2, or with that of a
    /// <see cref="WorkerExitException"/>, and <see cref="TerminateAsync"/> is not called.
    /// </returns>
    /// <remarks>Called once, on a thread pool thread.</remarks>
    protected virtual Task RunAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops the service gracefully. Called once, while <see cref="RunAsync"/> may still be running.</summary>
    /// <param name="cancellationToken">Cancelled at the graceful timeout, when the worker ends with exit code 1.</param>
    /// <returns>
    /// A task that completes when the service has stopped. <see cref="RunAsync"/> then has 5 more seconds to return; after that the worker exits
    /// without it, with code 0, or 3 if the master is gone. If the task fails, the worker exits with code 2, or with that of a
    /// <see cref="WorkerExitException"/>.
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
    /// <remarks>
    /// If it is not overridden, the worker is replaced by a new process instead. An override that returns or awaits <c>base.ReloadAsync</c> has
    /// the same effect.
    /// </remarks>
    public virtual Task ReloadAsync(CancellationToken cancellationToken) => CannotReload;

    /// <inheritdoc/>
    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        Completion = Task.Run(() => RunAsync(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>The stop of the program has cancelled the run, so the stop of the service still calls <see cref="TerminateAsync"/>.</summary>
    internal void OnRunCancelledByStop() => _isRunCancelledByStop = true;

    /// <inheritdoc/>
    async Task IHostedService.StopAsync(CancellationToken cancellationToken)
    {
        if (Completion.IsFaulted || (Completion.IsCanceled && !_isRunCancelledByStop) || _stopping.IsCancellationRequested)
        {
            // The run has failed or was cancelled by its own code, such as a request that timed out, or the stop has begun already.
            return;
        }

        // A callback that throws must not skip the rest of the stop.
        var failure = await _stopping.TryCancelAsync().ConfigureAwait(false);
        await TerminateAsync(cancellationToken).ConfigureAwait(false);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timeout = PausableTimeout.TryStart(deadline, RunTimeout, TimeProvider.System);
        try
        {
            await Completion.WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Completion.IsCanceled || !cancellationToken.IsCancellationRequested)
        {
            // The run was cancelled by its token, or did not return within RunTimeout after the service had stopped.
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}

/// <summary>Thrown by <see cref="CotyledonService.ReloadAsync"/> of the base class: the worker has to be replaced.</summary>
internal sealed class CannotReloadException() : NotSupportedException("The service has no reload of its own.");
