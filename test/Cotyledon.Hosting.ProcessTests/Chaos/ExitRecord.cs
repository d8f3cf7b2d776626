using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>The exit record that the dead-worker hook in the master received.</summary>
internal sealed record ExitRecord(TraceLine Line, string Reason, int? Code, int? Signal, int? ProcessId)
{
    public static ExitRecord Parse(TraceLine line) => new(
        line, line.Detail.Split(' ')[0], Number(line, "code="), Number(line, "signal="), Number(line, "pid="));

    private static int? Number(TraceLine line, string name)
    {
        var text = line.Detail.Split(' ').FirstOrDefault(word => word.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
        return string.IsNullOrEmpty(text) ? null : int.Parse(text, CultureInfo.InvariantCulture);
    }
}
