using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A rolling restart of three workers that is under way.</summary>
internal static class RollingRestart
{
    /// <summary>Creates a master whose first slot is in this phase.</summary>
    public static Master In(string phase, int maxUnavailable = 1)
    {
        var master = new Master(Poller with { Workers = 3, MaxUnavailable = maxUnavailable }).StartAndSettle();
        if (phase == "successor waits")
        {
            master.Exit(master.Worker(2), 2);
        }

        master.Reload(method: ReloadMethod.Restart);
        var old = master.Worker();
        if (phase != "successor starts" && maxUnavailable == 1)
        {
            master.Hello(master.Successor());
        }

        if (phase == "new worker is assigned")
        {
            master.Exit(old, 0);
        }

        return master;
    }
}
