using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Health;

/// <summary>The data of a health check result. All values are text, which every response writer can write.</summary>
internal static class HealthData
{
    public static IReadOnlyDictionary<string, object> Of(HealthSnapshot snapshot)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var service in snapshot.Services)
        {
            data[$"Services:{service.Name}"] = Describe(service);
        }

        if (snapshot.ConfigurationErrors.Count > 0)
        {
            data["Configuration"] = string.Join(' ', snapshot.ConfigurationErrors);
        }

        foreach (var issue in snapshot.HealthIssues)
        {
            data[issue.Key] = issue.Problem;
        }

        return data;
    }

    public static string Describe(WorkerExit exit) => exit switch
    {
        { Signal: { } signal } => $"{exit.Reason}, {SignalNames.Of(signal)}",
        { ExitCode: { } code } => $"{exit.Reason}, exit code {code}",
        _ => $"{exit.Reason}",
    };

    private static string Describe(ServiceHealth service)
    {
        var states = service.ByState.Where(s => s.Value > 0).OrderBy(s => s.Key).Select(s => $"{s.Key} {s.Value}");
        return string.Join(
            "; ",
            [
                $"{service.Ready}/{service.Target} ready",
                .. states.Any() ? [string.Join(", ", states)] : Array.Empty<string>(),
                .. service.LastExit is { } exit ? [$"last exit: worker {exit.WorkerId}, {Describe(exit)}"] : Array.Empty<string>(),
            ]);
    }
}
