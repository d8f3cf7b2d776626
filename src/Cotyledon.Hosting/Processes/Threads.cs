namespace Cotyledon.Hosting.Processes;

/// <summary>Threads that are made when something has to be done that must not wait for the thread pool.</summary>
internal static class Threads
{
    /// <summary>Runs an action on a thread of its own; on the pool where the system gives no more threads.</summary>
    public static void Run(string name, Action action)
    {
        try
        {
            new Thread(() => action()) { IsBackground = true, Name = name }.Start();
        }
        catch (OutOfMemoryException)
        {
            // What Thread.Start throws at the limit of threads (RLIMIT_NPROC, pids.max).
            ThreadPool.UnsafeQueueUserWorkItem(_ => action(), null);
        }
    }
}
