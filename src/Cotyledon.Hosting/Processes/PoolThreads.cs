namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Prepares the thread pool for a system that later refuses new threads (<c>pids.max</c>, <c>TasksMax</c>, <c>ulimit -u</c>), and for a master that is
/// idle most of the time.
/// </summary>
/// <remarks>
/// Idle threads of the pool end after 20 seconds. If the system then refuses a new first thread, the pool of .NET 10.0.12 counts a thread
/// that does not exist, and never works again; if it refuses a further thread, the process ends with "Out of memory". The thread that
/// recompiles hot methods can be kept only by an environment variable: see <c>WorkerEnvironment</c>.
/// </remarks>
internal static class PoolThreads
{
    private const string KeptSetting = "System.Threading.ThreadPool.ThreadsToKeepAlive";
    private const string SpinSetting = "System.Threading.ThreadPool.UnfairSemaphoreSpinLimit";

    /// <summary>
    /// The number of kept threads: the number of processors, 8 at most, and four more, because code of the program may block some threads,
    /// and hooks wait for each other.
    /// </summary>
    private static readonly int Kept = Math.Min(Environment.ProcessorCount, 8) + 4;

    private static readonly TimeSpan MeetingTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Makes the pool keep its first threads, unless the program has set a number. Must be called before the pool is used.
    /// </summary>
    public static void Keep()
    {
        if (AppContext.GetData(KeptSetting) is null)
        {
            AppContext.SetData(KeptSetting, Kept);
        }
    }

    /// <summary>
    /// Makes threads of the pool sleep as soon as they are idle, as in workers, unless the program has set a limit. By default, each one looks for more
    /// work for a while after each work item. Must be called before the pool is used.
    /// </summary>
    public static void SleepWhenIdle()
    {
        if (AppContext.GetData(SpinSetting) is null)
        {
            AppContext.SetData(SpinSetting, 0);
        }
    }

    /// <summary>Makes the pool create the kept threads and the thread for timers. Does not wait for them.</summary>
    public static void Create()
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, Kept), ports);

        // The work items wait for each other, because the pool would otherwise run all of them on one thread.
        var waiting = new CountdownEvent(Kept);
        for (var i = 0; i < Kept; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => Meet(waiting, workers), null);
        }

        ITimer? timer = null;
        timer = TimeProvider.System.CreateTimer(_ => timer?.Dispose(), null, TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private static void Meet(CountdownEvent waiting, int minThreads)
    {
        if (!waiting.Signal())
        {
            waiting.Wait(MeetingTimeout);
            return;
        }

        // The last work item restores the minimum number of threads, unless the program has set it in the meantime.
        ThreadPool.GetMinThreads(out var present, out var ports);
        if (present == Kept)
        {
            ThreadPool.SetMinThreads(minThreads, ports);
        }
    }
}
