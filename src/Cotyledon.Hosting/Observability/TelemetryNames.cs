using System.Text.Json;

namespace Cotyledon.Hosting.Observability;

/// <summary>The names that meters and traces have in common. The README lists them.</summary>
internal static class TelemetryNames
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Source = "Cotyledon.Hosting";

    public const string Service = "cotyledon.service";
    public const string WorkerId = "cotyledon.worker.id";
    public const string State = "cotyledon.worker.state";
    public const string Incarnation = "cotyledon.worker.incarnation";
    public const string ExitReason = "cotyledon.worker.exit.reason";
    public const string OutageSeconds = "cotyledon.worker.outage.duration";
    public const string StartOrigin = "cotyledon.worker.start.origin";
    public const string ReloadKind = "cotyledon.reload.kind";
    public const string Outcome = "cotyledon.reload.outcome";
    public const string DropKind = "cotyledon.drop.kind";

    // Names of the semantic conventions of OpenTelemetry.
    public const string ErrorType = "error.type";
    public const string ProcessId = "process.pid";
    public const string ExitCode = "process.exit.code";

    public static string Of(WorkerState state) => Names<WorkerState>.All[state];

    public static string Of(WorkerExitReason reason) => Names<WorkerExitReason>.All[reason];

    public static string Of(ReloadOutcome outcome) => Names<ReloadOutcome>.All[outcome];

    /// <summary>The members of an enum in the form of attribute values: <c>stop_timeout</c>.</summary>
    private static class Names<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> All =
            Enum.GetValues<T>().ToDictionary(v => v, v => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{v}"));
    }
}
