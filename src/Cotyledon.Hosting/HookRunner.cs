using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting;

/// <summary>Calls all registered hooks at the same time. A hook that fails or hangs is logged and does not affect others.</summary>
internal sealed class HookRunner(IEnumerable<ICotyledonHooks> hooks, TimeProvider clock, ILogger logger)
{
    private readonly ICotyledonHooks[] _hooks = [.. hooks];

    public bool HasReplacementHooks => Array.Exists(_hooks, hook => hook is ICotyledonReplacementHooks);

    /// <summary>Calls all hooks. The task completes when all hooks have completed, or after the timeout. It does not fail.</summary>
    public Task RunAsync(
        string name,
        TimeSpan timeout,
        Func<ICotyledonHooks, CancellationToken, Task> call,
        CancellationToken cancellationToken = default) =>
        _hooks.Length == 0 ? Task.CompletedTask : Task.WhenAll(_hooks.Select(hook => RunAsync(hook, name, timeout, call, cancellationToken)));

    private async Task RunAsync(
        ICotyledonHooks hook,
        string name,
        TimeSpan timeout,
        Func<ICotyledonHooks, CancellationToken, Task> call,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource();
        using var timer = PausableTimeout.TryStart(deadline, timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // A hook may block before it returns its task, or ignore its token, so this wait enforces the timeout.
            var token = either.Token;
            await Task.Run(() => call(hook, token), token).WaitAsync(token).ConfigureAwait(false);
        }
        catch (Exception) when (deadline.IsCancellationRequested)
        {
            Log.HookTimedOut(logger, hook.GetType().Name, name, timeout);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The worker is stopping, and the master logs the reason.
        }
        catch (Exception e)
        {
            Log.HookFailed(logger, hook.GetType().Name, name, e);
        }
    }
}
