using System.Globalization;

namespace Cotyledon.Hosting.Processes;

/// <summary>Reads the ignored signals of this process from <c>/proc/self/status</c>.</summary>
internal static class SignalMask
{
    private const string FieldName = "SigIgn:";

    /// <summary>Returns whether a signal is ignored; always <see langword="false"/> if the system has no <c>/proc</c>.</summary>
    public static bool Ignores(int signal)
    {
        const string statusFile = "/proc/self/status";
        if (!File.Exists(statusFile))
        {
            return false;
        }

        var field = File.ReadLines(statusFile).FirstOrDefault(line => line.StartsWith(FieldName, StringComparison.Ordinal));
        return ulong.TryParse(field?[FieldName.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask)
            && (mask & (1UL << (signal - 1))) != 0;
    }
}
