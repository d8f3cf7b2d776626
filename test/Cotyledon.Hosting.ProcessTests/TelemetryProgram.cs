using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The example Telemetry on a free port.</summary>
internal static class TelemetryProgram
{
    public static TestProgram Start(Action<ProcessStartInfo> configure, params string[] arguments) => TestProgram.StartAs(
        Path.Combine(TestProgram.DirectoryOf("Telemetry"), "Telemetry"), configure, ["--Urls", "http://127.0.0.1:0", .. arguments]);

    public static List<int> Workers(TestProgram app, string service) =>
        [.. Linux.ChildrenOf(app.ProcessId).Where(p => Linux.TitleOf(p).Contains($" {service} worker(", StringComparison.Ordinal))];
}
