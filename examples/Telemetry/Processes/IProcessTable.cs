namespace Telemetry.Processes;

internal interface IProcessTable
{
    /// <summary>Reads the processes of the machine, without those that this process may not read.</summary>
    IReadOnlyList<ProcessEntry> Read();
}
