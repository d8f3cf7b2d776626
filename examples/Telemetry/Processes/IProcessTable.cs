namespace Telemetry.Processes;

internal interface IProcessTable
{
    /// <summary>The machine's processes, less those that may not be looked at.</summary>
    IReadOnlyList<ProcessEntry> Read();
}
