using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting;

/// <summary>Calls all registered hooks at the same time. A hook that fails or hangs is logged and does not affect others.</summary>
internal sealed class HookRunner(IEnumerable<ICotyledonHooks> hooks, TimeProvider clock, ILogger logger)
{
    /// <summary>
    /// The number of calls of one method of a hook that may have exceeded the timeout and not returned. Each may block a thread, so without a limit a
    /// hook that hangs at each exit would use up the threads of the process over time.
    /// </summary>
    private const int MaxAbandoned = 16;

    private readonly ICotyledonHooks[] _hooks = [.. hooks];
    private readonly Dictionary<(ICotyledonHooks Hook, string Member), int> _abandoned = [];

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
        if (AbandonedCalls(hook, name) >= MaxAbandoned)
        {
            Log.HookSkipped(logger, hook.GetType().Name, name, MaxAbandoned);
            return;
        }

        using var deadline = new CancellationTokenSource();
        using var timer = PausableTimeout.TryStart(deadline, timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);

        // The hook gets a token of its own, because its callbacks may throw or block and must not delay the end of the wait. The source is not
        // disposed of, because the hook may use the token later.
        var ofHook = new CancellationTokenSource();

        // A hook may block before it returns its task, or ignore its token, so the wait enforces the timeout.
        var running = Task.Run(() => call(hook, ofHook.Token), either.Token);
        try
        {
            await running.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception) when (deadline.IsCancellationRequested)
        {
            Abandon(running, hook, name);
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

        if (either.IsCancellationRequested)
        {
            _ = CancelAsync(ofHook, hook, name);
        }
    }

    private int AbandonedCalls(ICotyledonHooks hook, string name)
    {
        lock (_abandoned)
        {
            return _abandoned.GetValueOrDefault((hook, name));
        }
    }

    /// <summary>Counts a call until it returns.</summary>
    private void Abandon(Task running, ICotyledonHooks hook, string name)
    {
        Count(1);
        running.ContinueWith(_ => Count(-1), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        void Count(int change)
        {
            lock (_abandoned)
            {
                _abandoned[(hook, name)] = _abandoned.GetValueOrDefault((hook, name)) + change;
            }
        }
    }

    private async Task CancelAsync(CancellationTokenSource ofHook, ICotyledonHooks hook, string name)
    {
        if (await ofHook.TryCancelAsync().ConfigureAwait(false) is { } failure)
        {
            Log.HookFailed(logger, hook.GetType().Name, name, failure);
        }
    }
}
