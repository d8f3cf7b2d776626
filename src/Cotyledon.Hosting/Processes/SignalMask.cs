using System.Globalization;

namespace Cotyledon.Hosting.Processes;

/// <summary>What the kernel says about the signals of this process: <c>/proc/self/status</c>.</summary>
internal static class SignalMask
{
    private const string FieldName = "SigIgn:";

    /// <summary>Whether a signal is ignored; <see langword="false"/> where the system does not tell.</summary>
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
