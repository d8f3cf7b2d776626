using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>What became of an item, and its attempts at that moment: the item itself may have been taken again before this is written.</summary>
internal readonly record struct Settled(long Id, QueueOutcome Outcome, int Attempts);
