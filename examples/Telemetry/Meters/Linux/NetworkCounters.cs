namespace Telemetry.Meters.Linux;

/// <summary>Parses <c>/proc/net/dev</c>, which has one line for each interface, <c>eth0: 1872 …</c>, after two header lines.</summary>
internal static class NetworkCounters
{
    public const int BytesReceived = 0;
    public const int BytesSent = 8;

    private const string Loopback = "lo";

    /// <summary>Returns the bytes of all interfaces except the loopback, or <see langword="null"/> if there is none.</summary>
    public static double? Sum(string text, int column)
    {
        // There may be no blank between the colon and the first number.
        var bytes = text.Split('\n')
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2 && parts[0].Trim() != Loopback)
            .Select(parts => new Fields(parts[1]).Number(column))
            .OfType<double>()
            .ToList();
        return bytes.Count > 0 ? bytes.Sum() : null;
    }
}
