namespace Cotyledon.Hosting.TestApp;

/// <summary>
/// The telemetry commands of tests. An interface, so that its callers are compiled without the assemblies behind it: an assembly that is
/// loaded late would look like a leak.
/// </summary>
internal interface ITelemetryCommands
{
    /// <summary>Traces each present point of the SDK: name, unit, attributes, and the value or count.</summary>
    void Collect();

    /// <summary>Traces status, description and data of each health check.</summary>
    Task CheckAsync();
}
