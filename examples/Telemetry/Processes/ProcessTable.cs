namespace Telemetry.Processes;

internal static class ProcessTable
{
    public static IProcessTable OfThisMachine() =>
        OperatingSystem.IsLinux() ? new LinuxProcessTable() : new PortableProcessTable();
}
