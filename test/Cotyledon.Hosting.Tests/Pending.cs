namespace Cotyledon.Hosting.Tests;

/// <summary>
/// Something that a test waits for, or lets happen. Whoever waits goes on elsewhere, not within the call that ends it.
/// </summary>
internal sealed class Pending() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>Never ends.</summary>
    public static Task ForEver => new TaskCompletionSource().Task;
}
