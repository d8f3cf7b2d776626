using System.Globalization;

namespace Cotyledon.Hosting.Supervision;

/// <summary>Describes the state in one line for the operator: a summary, and the names of services with problems.</summary>
internal static class StatusLine
{
    /// <summary>Limits the length of the line.</summary>
    private const int MaxServices = 3;

    public static string Of(SupervisorState state) => state.Phase switch
    {
        SupervisorPhase.NotStarted or SupervisorPhase.Running => OfRunning(state),
        SupervisorPhase.Terminating or SupervisorPhase.Stopping =>
            $"{GivenUp(state)}stopping: {Number(state.Processes.Count, "worker")} still running",
        _ => $"{GivenUp(state)}stopped{(state.ExitCode == 0 ? "" : Invariant($" with exit code {state.ExitCode}"))}",
    };

    private static string OfRunning(SupervisorState state)
    {
        var (ready, target) = (0, 0);
        List<string> parts = [];
        foreach (var service in state.Services)
        {
            ready += service.Ready;
            target += service.Target;
            if (service.Unsettled > 0 || service.GivenUp > 0)
            {
                parts.Add($"{service.Name}: {HealthIssue(service)}");
            }
        }

        if (parts.Count > MaxServices)
        {
            var others = parts.Count - MaxServices;
            parts.RemoveRange(MaxServices, others);
            parts.Add(Number(others, "more service"));
        }

        if (state.Notices.IsReloading)
        {
            parts.Add("reloading");
        }

        if (state.Notices.IsConfigurationBad)
        {
            parts.Add("configuration rejected: the last valid configuration is in use");
        }

        return string.Join("; ", parts.Prepend(Invariant($"{ready}/{target} workers ready")));
    }

    private static string HealthIssue(ServiceState service)
    {
        var count = service.CountByState();
        (int Count, string What)[] all =
        [
            (count[WorkerState.GivenUp], "given up"),
            (count[WorkerState.BackingOff], "backing off"),
            (count[WorkerState.Pending] + count[WorkerState.Starting] + count[WorkerState.Assigned], "starting"),
            (count[WorkerState.Stopping] + count[WorkerState.Killed], "stopping"),
        ];
        return string.Join(", ", all.Where(a => a.Count > 0).Select(a => Invariant($"{a.Count} {a.What}")));
    }

    /// <summary>Returns the reason for the stop if a worker was given up.</summary>
    private static string GivenUp(SupervisorState state) =>
        state.Services.Find(s => s is { GivenUp: > 0, Settings.OnGiveUp: GiveUpAction.StopHost }) is { } service
            ? $"gave up on {service.Name}; "
            : "";

    private static string Number(int count, string what) => Invariant($"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
