namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>The rules for exit reasons: each reason needs a cause in the history.</summary>
internal static class ExitReasons
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.5);

    private static readonly Dictionary<string, Func<ExitRecord, WorkerHistory, History, string?>> Rules = new()
    {
        ["Stopped"] = (exit, worker, history) => exit switch
        {
            { Code: 0 } when !WasUnwanted(worker, history) => "it was stopped, but neither a smaller worker count nor a stop was requested",
            { Code: 0 } => null,
            { Signal: Linux.Kill, Line.Incarnation: 0 } => null,

            // A signal of the driver came first.
            { Signal: { } signal, Line.Incarnation: 0 } when worker.WasSent(signal) => null,

            // Under a limit of the driver, its runtime did not start.
            { Line.Incarnation: 0 } when WasHindered(worker, history) => null,
            _ => "a stopped worker has neither exited with 0 nor been killed before it had a worker id",
        },
        // Its successor may have connected before it.
        ["Replaced"] = (exit, worker, history) => exit is not ({ Code: 0 } or { Signal: Linux.Kill, Line.Incarnation: 0 })
            && !(exit.Line.Incarnation == 0 && WasHindered(worker, history))
            ? "a replaced worker has neither exited with 0 nor been killed before it had a worker id"
            : MayReplace(history, worker.End) ? null
            : "it was replaced without a request",
        ["Terminated"] = (exit, worker, _) => exit.Code == 0 && worker.WasSent(Linux.Terminate) ? null
            : "SIGTERM was not sent, or the exit code is not 0",
        ["Exited"] = (exit, worker, history) =>
            worker.DidAct("exit", "leave") ? null
            : exit.Code == 0 && worker.WasSent(Linux.Terminate) && exit.Line.Incarnation == 0 ? null
            : WasHindered(worker, history) ? null
            : "its exit has no cause",
        ["Faulted"] = (exit, worker, history) =>
            exit.Code != 2 && !worker.WasSent(Linux.Kill) && !WasHindered(worker, history) ? "a failed worker has not exited with 2"
            : worker.DidAct("throw") || WasHindered(worker, history) ? null
            : "its failure has no cause",
        ["Signaled"] = (exit, worker, history) =>
            exit.Signal is not { } signal ? "the record of a signaled worker has no signal"
            : worker.WasSent(signal) || worker.DidAct("signal", "failfast") || WasHindered(worker, history) ? null
            : $"signal {signal} was not sent",
        ["StopTimeout"] = (exit, worker, history) =>
            exit is not ({ Code: 1 } or { Signal: Linux.Kill }) ? "neither code 1 nor SIGKILL"
            : IsStuck(worker) || EndsSlowly(worker) || WasHindered(worker, history) ? null
            : "its exit was not delayed",
        ["ReadyTimeout"] = (_, worker, history) =>
            worker.End - worker.Begin + Moment < history.Terms.ReadyTimeout ? "its ready timeout had not passed"
            : IsStuck(worker) || worker.DidAct("delay") || WasHindered(worker, history) ? null
            : "its start was not delayed",
        ["LivenessTimeout"] = (_, worker, history) =>
            history.Terms.LivenessTimeout(worker.Exits[0].Line.Service) is null ? "its liveness check is off"
            : IsStuck(worker) ? null
            : "its heartbeats were not blocked",
        ["MaxAge"] = (exit, worker, history) => exit.Code != 0 ? "a worker replaced for its age has not exited with 0"
            : history.Notes("do-age").Any(n => n.Service == exit.Line.Service && n.Time < worker.End) ? null
            : "its age is not limited",
        ["FastStop"] = (_, _, history) => history.End?.Detail == "2" ? null : "a fast stop was not requested",
    };

    public static string? Complaint(ExitRecord exit, WorkerHistory worker, History history) =>
        Rules.TryGetValue(exit.Reason, out var rule) ? rule(exit, worker, history) : $"{exit.Reason} is not expected here";

    /// <remarks>A process that was no longer wanted when its start failed is recorded as stopped or replaced.</remarks>
    public static string? ComplaintOnFailedStart(ExitRecord exit, History history) =>
        exit.Reason is "Stopped" or "Replaced" || exit.Line.Detail.Contains("start was cancelled", StringComparison.Ordinal) ? null
        : exit.Reason != "StartFailed" ? "a record without a process id is not a failed start"
        : IsHindered(history, exit.Line.Time - history.Terms.EditLimit, exit.Line.Time) ? null
        : "the failed start has no cause";

    /// <summary>Whether it was ending for another cause than the kill.</summary>
    public static bool WasLeaving(WorkerHistory worker, History history)
    {
        var kill = worker.Lines.First(l => l.Is("do-signal") && l.Detail == $"{Linux.Kill}").Time;
        return worker.DidAct("throw", "exit", "leave", "failfast", "signal")
            || worker.Lines.Any(l => l.Detail == $"{Linux.Terminate}" && l.Is("do-signal"))
            || worker.Lines.Any(l => l.Time < kill + Moment && (l.IsEvent("Stopping") || l.IsEvent("Killed")))
            || history.End is not null
            || WasHindered(worker, history);
    }

    /// <summary>Whether it was paused or hangs by its script, and so cannot react to the master.</summary>
    public static bool IsStuck(WorkerHistory worker) =>
        worker.WasSent(Linux.Stop) || worker.DidAct("hang", "blockpool");

    /// <summary>Whether its script delays its end. Under load, that may take longer than the graceful timeout.</summary>
    private static bool EndsSlowly(WorkerHistory worker) => worker.Own("terminate") is { } end
        && worker.Lines.Any(l => l.Is("act") && l.Time >= end.Time && l.Detail.StartsWith("delay", StringComparison.Ordinal));

    private static bool WasUnwanted(WorkerHistory worker, History history) =>
        history.End?.Time <= worker.End + Moment
        || worker.Exits[0].Line.Incarnation == 0
        || history.Targets(worker.Exits[0].Line.Service, TimeSpan.Zero, worker.End)
            .Any(t => int.Parse(t.Detail, null) <= worker.Exits[0].Line.WorkerId);

    private static bool MayReplace(History history, TimeSpan until) => history.Lines.Where(l => l.Time < until).Any(l =>
        l.What is "do-edit" or "do-reload"
        || (l.Is("do-signal") && l.Detail == $"{Linux.Hangup}")
        || (l.Is("act") && l.Detail == "restart"));

    /// <summary>Whether a fault affected its start.</summary>
    private static bool WasHindered(WorkerHistory worker, History history) =>
        IsHindered(history, worker.Begin - TimeSpan.FromSeconds(1), worker.End);

    private static bool IsHindered(History history, TimeSpan from, TimeSpan to) =>
        history.WasOn("do-limit", from, to)
        || history.WasOn("do-limit-processes", from, to)
        || history.WasOn("do-break", from, to)
        || history.WasOn("do-spoil", from, to)
        || history.Notes("do-edit").Any(n => n.Time >= from && n.Time <= to);
}
