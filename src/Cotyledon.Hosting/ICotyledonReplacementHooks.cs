namespace Cotyledon.Hosting;

/// <summary>Runs code of the program before a worker is replaced.</summary>
/// <remarks>
/// Registered with <c>AddCotyledonHooks</c> too. If such a hook is registered, each replacement after an exit that the master did not
/// request waits for it, even if a spare worker is available.
/// </remarks>
public interface ICotyledonReplacementHooks : ICotyledonHooks
{
    /// <summary>Called in the master after each exit that the master did not request, before the replacement is started.</summary>
    /// <param name="exit">The exit record. <see cref="WorkerExit.NextStart"/> is the delay until the replacement.</param>
    /// <param name="cancellationToken">Cancelled at the hook timeout.</param>
    /// <returns>
    /// A task; the replacement starts when it completes, or <see cref="CotyledonOptions.HookTimeout"/> after the exit at the latest.
    /// </returns>
    /// <remarks>
    /// Exits are handled in order, one at a time. All registered hooks run at the same time, on thread pool threads. The back-off delay of the
    /// worker elapses meanwhile. After a call of <see cref="ICotyledonManager.Shutdown"/> in this method no replacement is started. The method is
    /// not called if the worker is not replaced, because the program stops or because the worker has crashed too often,
    /// nor if the hooks of earlier exits have not completed within <see cref="CotyledonOptions.HookTimeout"/> after this exit.
    /// </remarks>
    Task OnBeforeReplacementAsync(WorkerExit exit, CancellationToken cancellationToken);
}
