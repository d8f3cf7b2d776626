namespace Cotyledon.Hosting;

/// <summary>Cancels sources whose tokens were passed to code of the program. Callbacks of such a token may throw or block.</summary>
internal static class Cancellation
{
    /// <summary>Cancels a source on the thread pool, and waits until all callbacks have returned. Does not fail.</summary>
    /// <returns>The exception of a callback; <see langword="null"/> if none has thrown.</returns>
    public static async Task<Exception?> TryCancelAsync(this CancellationTokenSource source)
    {
        var cancelling = source.CancelAsync();
        await cancelling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return cancelling.Exception?.GetBaseException();
    }
}
