namespace Telemetry.Meters.Linux;

/// <summary>Parses <c>/proc/diskstats</c>, which has one line for each block device.</summary>
internal static class DiskCounters
{
    public const int SectorsRead = 5;
    public const int SectorsWritten = 9;

    private const int Name = 2;

    /// <summary>A sector in this file has always 512 bytes, independent of the disk.</summary>
    private const int SectorSize = 512;

    /// <summary>Returns the bytes of all disks, or <see langword="null"/> if there is no disk.</summary>
    public static double? Sum(string text, int column, Func<string, bool> isDisk)
    {
        var sectors = text.Split('\n')
            .Select(line => new Fields(line))
            .Where(fields => fields.Number(column) is not null && isDisk(fields[Name]))
            .Select(fields => fields.Number(column))
            .ToList();
        return sectors.Count > 0 ? SectorSize * sectors.Sum() : null;
    }
}
