using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>One line of the trace that all processes of a test program write to.</summary>
internal sealed record TraceLine(
    TimeSpan Time, int ProcessId, string What, string Service, int WorkerId, int Incarnation, string Detail)
{
    public static TraceLine Parse(string line)
    {
        var fields = line.Split('\t');
        return new TraceLine(
            TimeSpan.FromSeconds(long.Parse(fields[0], CultureInfo.InvariantCulture) / (double)System.Diagnostics.Stopwatch.Frequency),
            int.Parse(fields[1], CultureInfo.InvariantCulture),
            fields[2],
            fields[3],
            int.Parse(fields[4], CultureInfo.InvariantCulture),
            int.Parse(fields[5], CultureInfo.InvariantCulture),
            fields[6]);
    }

    public bool Is(string what, string? service = null, int? workerId = null, int? incarnation = null) =>
        What == what
        && (service is null || Service == service)
        && (workerId is null || WorkerId == workerId)
        && (incarnation is null || Incarnation == incarnation);

    /// <summary>Whether this is an event of this kind, of any worker.</summary>
    public bool IsEvent(string kind) => What == "event" && Detail.Split(' ')[0] == kind;
}
