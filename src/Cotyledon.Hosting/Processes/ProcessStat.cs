namespace Cotyledon.Hosting.Processes;

/// <summary>Reads a file <c>/proc/PID/stat</c>: proc(5).</summary>
internal static class ProcessStat
{
    private const double TicksPerSecond = 100; // USER_HZ, which is the same on every architecture that .NET runs on.

    /// <summary>Reads numbers of the line, each at its index in proc(5), which counts from 1.</summary>
    /// <remarks>Does not use methods of File and string, which would add one millisecond to the start of a worker.</remarks>
    /// <returns>The index of the last number that was read; lower than that of the first number if the process has exited.</returns>
    public static int Read(string file, Span<ulong> fields)
    {
        Span<byte> buffer = stackalloc byte[1024];
        ReadOnlySpan<byte> stat = buffer[..Libc.ReadFile(file, buffer)];

        // The command name, in brackets, may contain spaces and brackets; the fields after it are numbers.
        stat = stat[(stat.LastIndexOf((byte)')') + 1)..];
        var number = 2;
        foreach (var character in stat)
        {
            if (character == ' ' && ++number == fields.Length)
            {
                break;
            }

            fields[number] = character is >= (byte)'0' and <= (byte)'9' ? (10 * fields[number]) + character - '0' : fields[number];
        }

        return number;
    }

    public static TimeSpan Time(ulong ticks) => TimeSpan.FromSeconds(ticks / TicksPerSecond);
}
