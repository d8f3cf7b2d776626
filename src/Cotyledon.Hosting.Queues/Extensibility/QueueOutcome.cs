using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Queues.Extensibility;

/// <summary>The result of a delivery, for the store.</summary>
[Experimental("COTYLEDON001")]
public enum QueueOutcome
{
    /// <summary>The item was completed.</summary>
    Completed = 0,

    /// <summary>The item waits again, with one more attempt counted.</summary>
    Returned = 1,

    /// <summary>The item is dead: it is kept and not delivered any more.</summary>
    Dead = 2,
}
