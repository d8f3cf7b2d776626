namespace Cotyledon.Hosting.Processes;

/// <summary>Runs actions that must not wait for a blocked thread pool.</summary>
internal static class Threads
{
    /// <summary>The advice if the system refuses a new process or thread (RLIMIT_NPROC, pids.max).</summary>
    public const string LimitAdvice = "Raise the limit of processes and threads: TasksMax of the service, or ulimit -u.";

    /// <summary>Runs an action on a new thread, or on the thread pool if the system refuses a new thread.</summary>
    public static void Run(string name, Action action)
    {
        try
        {
            new Thread(() => action()) { IsBackground = true, Name = name }.Start();
        }
        catch (OutOfMemoryException)
        {
            // Thread.Start throws this exception at the limit of threads (RLIMIT_NPROC, pids.max).
            ThreadPool.UnsafeQueueUserWorkItem(_ => action(), null);
        }
    }
}
