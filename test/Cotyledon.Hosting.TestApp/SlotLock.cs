namespace Cotyledon.Hosting.TestApp;

/// <summary>
/// With <c>--Locks true</c> each worker locks a file of its worker id from the creation of its service until the process exits. The
/// kernel thus detects two processes with one worker id independently of the supervisor.
/// </summary>
internal static class SlotLock
{
    private static FileStream? _held;

    public static void Take(IWorkerContext worker, IConfiguration configuration)
    {
        if (_held is not null || !configuration.GetValue("Locks", false))
        {
            return;
        }

        try
        {
            _held = new FileStream(
                Path.Combine(configuration["LockDirectory"] ?? "", $"lock-{worker.ServiceName}-{worker.WorkerId}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            Trace.Write("locked", worker);
        }
        catch (IOException e)
        {
            Trace.Write("violation", worker, e.Message);
        }
    }
}
