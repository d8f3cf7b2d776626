using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting;

/// <summary>What this process is, for code in <c>Program.cs</c> that runs before a builder exists.</summary>
public static class CotyledonHost
{
    /// <summary>Whether this process was started as a worker by a master.</summary>
    /// <value>
    /// <see langword="true"/> in a worker, also while it has no service yet; <see langword="false"/> in the master and in
    /// every program that nobody supervises.
    /// </value>
    /// <remarks>
    /// The first look at this value ties the worker to its master: from then on the worker leaves when the master is gone.
    /// </remarks>
    /// <example><code>if (!CotyledonHost.IsWorker) Migrate();</code></example>
    public static bool IsWorker => Lifeline.Current is not null;
}
