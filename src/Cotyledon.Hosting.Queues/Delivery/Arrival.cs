namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>An item that has arrived in the process of a reader.</summary>
internal readonly record struct Arrival(long Id, int Attempt, ReadOnlyMemory<byte> Body);
