namespace Cotyledon.Hosting.Observability;

/// <summary>What OpenTelemetry's SDKs read about the process that they run in.</summary>
internal static class ResourceAttributes
{
    public const string Variable = "OTEL_RESOURCE_ATTRIBUTES";

    private const string InstanceKey = "service.instance.id";

    /// <summary>
    /// The list with this instance id, and without any other: two processes with one id would overwrite each other's numbers.
    /// </summary>
    /// <param name="attributes"><c>key=value,key=value</c>, percent-encoded; passed on as it is.</param>
    /// <param name="instance">The id.</param>
    public static string WithInstance(string? attributes, Guid instance) => string.Join(
        ',',
        (attributes ?? "")
            .Split(',')
            .Where(a => a.Length > 0 && a.Split('=')[0].Trim() != InstanceKey)
            .Append($"{InstanceKey}={instance}"));
}
