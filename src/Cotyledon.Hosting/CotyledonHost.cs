using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting;

/// <summary>Tells master and workers apart, also before a host builder exists.</summary>
public static class CotyledonHost
{
    /// <summary>Gets whether this process was started as a worker by a master.</summary>
    /// <value>
    /// <see langword="true"/> in a worker, also before it has been assigned a worker id; <see langword="false"/> in the master and in
    /// programs without workers.
    /// </value>
    /// <example><code>if (!CotyledonHost.IsWorker) Migrate();</code></example>
    public static bool IsWorker => Lifeline.Current is not null;

    /// <summary>Connects a worker to its master: from then on it exits if the master is gone, and handles signals. Does nothing elsewhere.</summary>
    /// <remarks>
    /// <c>AddCotyledonWorker</c> and the other registrations call it. Call it yourself at the beginning of a <c>Program.cs</c> that works for
    /// long before it creates the host builder. Starts one thread in a worker. Further calls do nothing.
    /// </remarks>
    public static void Initialize() => Lifeline.Current?.Arm();
}
