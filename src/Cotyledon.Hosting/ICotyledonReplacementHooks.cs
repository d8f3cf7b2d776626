namespace Cotyledon.Hosting;

/// <summary>Hooks that the master waits for before it replaces a worker.</summary>
/// <remarks>
/// Registered with <c>AddCotyledonHooks</c> as well. Where such hooks are registered, each replacement of a worker that has left by itself waits
/// for them, spares included.
/// </remarks>
public interface ICotyledonReplacementHooks : ICotyledonHooks
{
    /// <summary>
    /// Called in the master after each exit that the master did not ask for, before the slot is filled again. A call of
    /// <see cref="ICotyledonManager.Shutdown"/> in here keeps the replacement from being started.
    /// </summary>
    /// <param name="exit">Who left, and why. <see cref="WorkerExit.NextStart"/> is the earliest time of the replacement.</param>
    /// <param name="cancellationToken">Cancelled at the hook's timeout.</param>
    /// <returns>A task; the slot is filled when it ends, and at <see cref="CotyledonOptions.HookTimeout"/> after the exit at the latest.</returns>
    /// <remarks>
    /// Exits are handled in their order, one after the other; the hooks that are registered run at the same time, on thread pool threads. The
    /// back-off of the slot runs meanwhile. Not called for an exit that the program stops or that the slot is given up for.
    /// </remarks>
    Task OnBeforeReplacementAsync(WorkerExit exit, CancellationToken cancellationToken);
}
