using System.Globalization;
using System.Reflection;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>The machine of the measurements.</summary>
internal static class Machine
{
    public static string OurVersion { get; } = typeof(ICotyledonManager).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion is var version
            ? $"{version[..Math.Min(version.Length, version.IndexOf('+') + 9)]} on .NET {Environment.Version}"
            : "";

    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC; {Field("/proc/cpuinfo", "model name")}, "
        + $"{Environment.ProcessorCount} processors, {Memory():F0} GB, "
        + $"Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}, "
        + $"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the start");

    private static double Memory() =>
        double.Parse(Field("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / (1024 * 1024);

    private static string Field(string file, string name) => File.ReadLines(file)
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal), ": unknown")
        .Split(':', 2)[1]
        .Trim();
}
