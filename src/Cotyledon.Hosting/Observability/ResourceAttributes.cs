namespace Cotyledon.Hosting.Observability;

/// <summary>Sets the resource attributes that OpenTelemetry SDKs read from the environment of a process.</summary>
internal static class ResourceAttributes
{
    public const string Variable = "OTEL_RESOURCE_ATTRIBUTES";

    private const string InstanceKey = "service.instance.id";

    /// <summary>
    /// Returns the percent-encoded list <c>key=value,key=value</c> with this instance id instead of any other. Two processes with the same id
    /// would overwrite each other's metrics.
    /// </summary>
    public static string WithInstance(string? attributes, Guid instance) => string.Join(
        ',',
        (attributes ?? "")
            .Split(',')
            .Where(a => a.Length > 0 && a.Split('=')[0].Trim() != InstanceKey)
            .Append($"{InstanceKey}={instance}"));
}
