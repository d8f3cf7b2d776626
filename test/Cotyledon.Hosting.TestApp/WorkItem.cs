using System.Text.Json.Serialization;

namespace Cotyledon.Hosting.TestApp;

/// <summary>An item of the queue "work".</summary>
/// <param name="Id">Its number.</param>
/// <param name="Action">The action of its consumer instead of completing it: throw, exit, hang or abandon; null to complete it.</param>
internal sealed record WorkItem(int Id, string? Action = null);

[JsonSerializable(typeof(WorkItem))]
internal sealed partial class WorkItemContext : JsonSerializerContext;
