namespace Telemetry.Meters.Linux;

/// <summary>Parses <c>/proc/stat</c>: the clock ticks of all processors since boot, by their use.</summary>
internal static class CpuTimes
{
    private const int Idle = 4;
    private const int IoWait = 5;

    /// <summary>user nice system idle iowait irq softirq steal; the guest times that follow are part of user and nice.</summary>
    private static readonly int[] Columns = [1, 2, 3, Idle, IoWait, 6, 7, 8];

    /// <summary>Returns the busy ticks, times 100 for percent, with all ticks as the base.</summary>
    public static Reading? Parse(string text)
    {
        var cpu = new Fields(text.Split('\n', 2)[0]);
        if (cpu[0] != "cpu" || cpu.Number(Idle) is not { } idle)
        {
            return null;
        }

        var all = Columns.Sum(column => cpu.Number(column) ?? 0);
        var busy = all - idle - (cpu.Number(IoWait) ?? 0);
        return new Reading(100 * busy, all);
    }
}
