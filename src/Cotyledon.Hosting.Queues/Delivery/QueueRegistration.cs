namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>A queue of the program.</summary>
internal sealed record QueueRegistration(string Name, Type ItemType);
