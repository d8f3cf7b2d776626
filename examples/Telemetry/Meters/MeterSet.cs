using Telemetry.Meters.Linux;
using Telemetry.Meters.Portable;

namespace Telemetry.Meters;

internal sealed class MeterSet(IReadOnlyList<IMeter> meters)
{
    public static MeterSet OfThisMachine() =>
        new(OperatingSystem.IsLinux() ? LinuxMeters.Create() : PortableMeters.Create());

    /// <summary>The meters of one worker. Each meter belongs to exactly one worker.</summary>
    public IReadOnlyList<IMeter> ShareOf(int workerId, int workerCount) =>
        workerCount > 0 ? [.. meters.Where((_, index) => index % workerCount == workerId)] : [];
}
