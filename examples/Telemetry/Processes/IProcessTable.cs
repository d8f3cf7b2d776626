namespace Telemetry.Processes;

internal interface IProcessTable
{
    /// <summary>The processes of the machine, without those that cannot be read.</summary>
    IReadOnlyList<ProcessEntry> Read();
}
