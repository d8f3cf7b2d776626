namespace Cotyledon.Hosting.Processes;

/// <summary>Has the thread pool ready when the system gives no more threads (<c>pids.max</c>, <c>TasksMax</c>, <c>ulimit -u</c>).</summary>
/// <remarks>
/// Idle threads of the pool end after 20 seconds. When .NET 10.0.12 needs the first one again and does not get it, the pool counts a
/// thread that does not exist, and never works again; when it needs one more, the process ends with "Out of memory". Another thread, which
/// compiles hot methods again, can be kept by the environment only: see <c>WorkerEnvironment</c>.
/// </remarks>
internal static class PoolThreads
{
    private const string KeptSetting = "System.Threading.ThreadPool.ThreadsToKeepAlive";

    /// <summary>More than the pool runs at once, because code of the program may block some, and hooks wait for each other.</summary>
    private static readonly int Kept = Math.Min(Environment.ProcessorCount, 8) + 4;

    private static readonly TimeSpan MeetingTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Makes the pool keep its first threads, unless the program has set how many. To be called before the pool is used.</summary>
    public static void Keep()
    {
        if (AppContext.GetData(KeptSetting) is null)
        {
            AppContext.SetData(KeptSetting, Kept);
        }
    }

    /// <summary>Makes these threads and the one of the timers. Does not wait for them.</summary>
    public static void Create()
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, Kept), ports);

        // They wait for each other, because the pool would run them one after the other on one thread.
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

        // The last one. The number of threads that work at once is again what it was, unless the program has set it meanwhile.
        ThreadPool.GetMinThreads(out var present, out var ports);
        if (present == Kept)
        {
            ThreadPool.SetMinThreads(minThreads, ports);
        }
    }
}
