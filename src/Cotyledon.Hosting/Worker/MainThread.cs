namespace Cotyledon.Hosting.Worker;

/// <summary>Detects that <c>Main</c> has returned while foreground threads keep the process alive.</summary>
/// <remarks>
/// The runtime makes the main thread a background thread when it begins to wait for the other threads: CoreCLR in
/// <c>ThreadStore::WaitForOtherThreads</c>, Native AOT in <c>Thread.WaitForForegroundThreads</c>.
/// </remarks>
internal static class MainThread
{
    private const int ManagedId = 1;

    private static volatile Thread? _thread;

    /// <summary>Remembers the calling thread if it is the main thread. If it is not, <see cref="HasReturned"/> stays false.</summary>
    public static void Remember()
    {
        if (Environment.CurrentManagedThreadId == ManagedId && !Thread.CurrentThread.IsBackground)
        {
            _thread = Thread.CurrentThread;
        }
    }

    public static bool HasReturned => _thread is { } thread && HasEnded(thread);

    public static bool HasEnded(Thread thread)
    {
        try
        {
            return thread.IsBackground;
        }
        catch (ThreadStateException)
        {
            return true; // The thread is gone, because the process ends.
        }
    }
}
