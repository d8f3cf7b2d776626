namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>A registered queue.</summary>
internal sealed record QueueRegistration(string Name, Type ItemType);
