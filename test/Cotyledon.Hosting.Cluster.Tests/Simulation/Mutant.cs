namespace Cotyledon.Hosting.Cluster.Tests.Simulation;

/// <summary>A mistake that the simulation must find.</summary>
internal enum Mutant
{
    None,

    /// <summary>Workers are stopped and killed only when the whole lease is over.</summary>
    NoMargin,

    /// <summary>An id is released while its process still stops.</summary>
    EarlyRelease,

    /// <summary>The store writes without a comparison of the revision.</summary>
    BrokenCompareAndSwap,

    /// <summary>The lease counts from the answer to the renewal.</summary>
    LeaseFromAnswer,

    /// <summary>The ids of a session that looks dead are taken without a declaration in its pulse.</summary>
    NoDeclaration,

    /// <summary>
    /// A claim of an id that this machine already holds according to the record is not written, so a worker starts while a release may still arrive.
    /// </summary>
    NoNewerClaim,
}
