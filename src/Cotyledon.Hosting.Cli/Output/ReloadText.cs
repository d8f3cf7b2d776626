using System.Globalization;
using Cotyledon.Hosting.Cli.Client;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>The lines of reloads and restarts.</summary>
internal static class ReloadText
{
    private const int MaxKeys = 20;

    /// <summary>Describes the effect on one worker.</summary>
    public static string Step(StepProgressRecord progress)
    {
        var counts = string.Create(CultureInfo.InvariantCulture, $"[{progress.Done}/{progress.Total}]");
        if (progress.Step is not { } step)
        {
            return counts;
        }

        var name = WorkerText.Name(step.Service, step.Worker);
        return step.Kind switch
        {
            "Replaced" => $"{counts} {name} replaced, incarnation {step.OldIncarnation} -> {step.NewIncarnation}, {Durations.Exact(step.DurationMs)}",
            "Reloaded" => $"{counts} {name} reloaded in place, {Durations.Exact(step.DurationMs)}",
            _ => $"{counts} {name} failed: {SafeText.Escape(step.Failure ?? "no reason was given")}",
        };
    }

    /// <summary>The result of a rolling restart.</summary>
    public static IEnumerable<string> Restart(ReloadRecord result)
    {
        var replaced = result.Services.OrNone().Sum(service => (long)service.Replaced);
        return result.Outcome is "Failed" or "Rejected"
            ? [string.Create(CultureInfo.InvariantCulture, $"aborted: {replaced} replaced"), .. Failures(result)]
            : [string.Create(CultureInfo.InvariantCulture, $"restarted in {Durations.Exact(result.DurationMs)}: {replaced} replaced")];
    }

    /// <summary>The result of a reload.</summary>
    public static IEnumerable<string> Reload(ReloadRecord result)
    {
        var time = Durations.Exact(result.DurationMs);
        return result.Outcome switch
        {
            "Unchanged" => ["unchanged: the configuration has no new values"],
            "SettingsApplied" => [$"settings applied in {time}: {Keys(result)}; no worker had to reload"],
            "Reloaded" => [$"reloaded in {time}: {Keys(result)}{Services(result)}"],
            "Rejected" => ["rejected, nothing was changed:" + Joined(result.Errors)],
            _ => [$"failed after {time}: {Keys(result)}{Services(result)}", .. Failures(result)],
        };
    }

    public static int ExitCodeOf(ReloadRecord result) => result.Outcome switch
    {
        "Unchanged" or "SettingsApplied" or "Reloaded" => ExitCodes.Done,
        "Rejected" => ExitCodes.Rejected,
        _ => ExitCodes.Failed,
    };

    private static string Keys(ReloadRecord result)
    {
        var keys = result.ChangedKeys.OrNone().Select(SafeText.Escape).ToList();
        var more = keys.Count > MaxKeys ? $" and {keys.Count - MaxKeys} more keys" : "";
        return keys.Count == 0 ? "no changed keys" : string.Join(", ", keys.Take(MaxKeys)) + more;
    }

    private static string Services(ReloadRecord result) => string.Concat(result.Services.OrNone().Select(service =>
    {
        string[] parts =
        [
            .. service.Reloaded > 0 ? [FormattableString.Invariant($"{service.Reloaded} in place")] : Array.Empty<string>(),
            .. service.Replaced > 0 ? [FormattableString.Invariant($"{service.Replaced} replaced")] : Array.Empty<string>(),
        ];
        return parts.Length == 0 ? "" : $"; {SafeText.OrDash(service.Service)} {string.Join(", ", parts)}";
    }));

    /// <summary>One error on the same line, several on lines of their own.</summary>
    private static string Joined(IReadOnlyList<string>? errors)
    {
        var texts = errors.OrNone().Select(SafeText.Escape).ToList();
        return texts.Count == 1 ? $" {texts[0]}" : string.Concat(texts.Select(text => $"{Environment.NewLine}  {text}"));
    }

    /// <summary>The errors, which contain the failures of the services.</summary>
    private static IEnumerable<string> Failures(ReloadRecord result) =>
        result.Errors.OrNone().Select(error => $"  {SafeText.Escape(error)}");
}
