namespace Cotyledon.Hosting.TestApp;

/// <summary>
/// With <c>--Locks true</c> each worker holds a file of its slot from the moment that its service is made until the process is
/// gone: the kernel is the witness that no slot has two processes, whatever the supervisor believes.
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
                $"lock-{worker.ServiceName}-{worker.WorkerId}", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            Trace.Write("locked", worker);
        }
        catch (IOException e)
        {
            Trace.Write("violation", worker, e.Message);
        }
    }
}
