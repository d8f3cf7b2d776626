namespace Telemetry.Meters.Linux;

/// <summary><c>/proc/net/dev</c>: one line for each interface, <c>eth0: 1872 …</c>, after two lines of headings.</summary>
internal static class NetworkCounters
{
    public const int BytesReceived = 0;
    public const int BytesSent = 8;

    private const string Loopback = "lo";

    /// <summary>The bytes of all interfaces but the loopback, or <see langword="null"/> when there is none.</summary>
    public static double? Sum(string text, int column)
    {
        // Nothing need stand between the colon and the first number.
        var bytes = text.Split('\n')
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2 && parts[0].Trim() != Loopback)
            .Select(parts => new Fields(parts[1]).Number(column))
            .OfType<double>()
            .ToList();
        return bytes.Count > 0 ? bytes.Sum() : null;
    }
}
