namespace Cotyledon.Hosting.TestApp;

/// <summary>
/// What a test may ask about health and metrics. An interface, so that what asks it is compiled without the assemblies behind it: one
/// that is loaded late would look like a leak.
/// </summary>
internal interface ITelemetryCommands
{
    /// <summary>Traces each point that the SDK has at this moment: name, attributes, and the value, or how many there were.</summary>
    void Collect();

    /// <summary>Traces status, description and data of each health check.</summary>
    Task CheckAsync();
}
