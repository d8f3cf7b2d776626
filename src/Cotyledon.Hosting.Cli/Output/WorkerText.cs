using System.Globalization;
using System.Text;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>States, exits and events as text.</summary>
internal static class WorkerText
{
    /// <summary>Lower case with underscores, so that it is one field: <c>BackingOff</c> is shown as <c>backing_off</c>.</summary>
    public static string Words(string? name)
    {
        var text = new StringBuilder();
        foreach (var character in SafeText.OrDash(name))
        {
            if (char.IsAsciiLetterUpper(character) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(character));
        }

        return text.ToString();
    }

    public static Cell State(string? state) => new(
        Words(state),
        state switch
        {
            "Ready" or "Idle" or "Standby" => Tone.Good,
            "GivenUp" or "Killed" => Tone.Bad,
            _ => Tone.Warning,
        });

    public static Tone Health(string? health) => health switch
    {
        "Healthy" => Tone.Good,
        "Degraded" => Tone.Warning,
        _ => Tone.Bad,
    };

    /// <summary><c>Faulted, exit code 2</c> or <c>Signaled, SIGKILL</c>.</summary>
    public static string Exit(ExitRecord? exit) => exit switch
    {
        null => "-",
        { Signal: { } signal } => $"{SafeText.OrDash(exit.Reason)}, {SignalNames.Of(signal)}",
        { ExitCode: { } code } => string.Create(CultureInfo.InvariantCulture, $"{SafeText.OrDash(exit.Reason)}, exit code {code}"),
        _ => SafeText.OrDash(exit.Reason),
    };

    public static string ProcessId(int? processId) => processId?.ToString(CultureInfo.InvariantCulture) ?? "-";

    public static string Cpu(UsageRecord? usage) =>
        usage is null ? "-" : Math.Clamp(usage.Cpu, 0, 1e6).ToString("0.0", CultureInfo.InvariantCulture);

    public static string Count(long? count) => count is null ? "-" : Math.Max(0, count.Value).ToString(CultureInfo.InvariantCulture);

    public static string Memory(UsageRecord? usage) => usage is null ? "-" : Durations.Size(usage.Memory);

    public static string Name(string? service, int worker) =>
        string.Create(CultureInfo.InvariantCulture, $"{SafeText.OrDash(service)}/{worker}");
}
