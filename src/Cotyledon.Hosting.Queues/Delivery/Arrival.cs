namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>An item in the process of a reader, before it is deserialized.</summary>
internal readonly record struct Arrival(long Id, int Attempt, ReadOnlyMemory<byte> Body);
