using System.Text.Json.Serialization;

namespace Cotyledon.Hosting.TestApp;

/// <summary>An item of the queue "work".</summary>
/// <param name="Id">Its number.</param>
/// <param name="Deed">What its consumer does instead of completing it: throw, exit, hang, abandon; null for nothing of that.</param>
internal sealed record WorkItem(int Id, string? Deed = null);

[JsonSerializable(typeof(WorkItem))]
internal sealed partial class WorkItemContext : JsonSerializerContext;
