namespace Cotyledon.Hosting.Tests;

/// <summary>
/// A task that a test awaits or completes. Continuations run asynchronously, not within the call that completes it.
/// </summary>
internal sealed class Pending() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>A task that never completes.</summary>
    public static Task ForEver => new TaskCompletionSource().Task;
}
