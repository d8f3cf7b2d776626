using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>An outcome to be written, with a copy of the attempt count: the item may be delivered again before this is written.</summary>
internal readonly record struct Settled(long Id, QueueOutcome Outcome, int Attempts);
