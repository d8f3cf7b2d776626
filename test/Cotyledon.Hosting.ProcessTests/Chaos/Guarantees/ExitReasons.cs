namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>What must have happened for an exit reason to be true; one rule for each reason.</summary>
internal static class ExitReasons
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.5);

    private static readonly Dictionary<string, Func<ExitRecord, WorkerHistory, History, string?>> Rules = new()
    {
        ["Stopped"] = (exit, story, history) => exit switch
        {
            { Code: 0 } when !WasUnwanted(story, history) => "it was stopped, and nobody wanted fewer workers or the end",
            { Code: 0 } => null,
            { Signal: Linux.Kill, Line.Incarnation: 0 } => null,

            // Somebody else's signal came first.
            { Signal: { } signal, Line.Incarnation: 0 } when story.WasSent(signal) => null,
            _ => "a stopped worker has neither left with 0 nor been killed before it had its slot",
        },
        // Its successor may have been the first of the two to say hello.
        ["Replaced"] = (exit, story, history) => exit is not ({ Code: 0 } or { Signal: Linux.Kill, Line.Incarnation: 0 })
            ? "a replaced worker has neither left with 0 nor been killed before it had its slot"
            : MayReplace(history, story.End) ? null
            : "it was replaced, and nobody asked for that",
        ["Terminated"] = (exit, story, _) => exit.Code == 0 && story.WasSent(Linux.Terminate) ? null
            : "nobody sent SIGTERM, or it left with another code",
        ["Exited"] = (exit, story, history) =>
            story.DidAct("exit", "leave") ? null
            : exit.Code == 0 && story.WasSent(Linux.Terminate) && exit.Line.Incarnation == 0 ? null
            : WasHindered(story, history) ? null
            : "nothing made it leave by itself",
        ["Faulted"] = (exit, story, history) =>
            exit.Code != 2 && !story.WasSent(Linux.Kill) && !WasHindered(story, history) ? "a failed worker has not left with 2"
            : story.DidAct("throw") || WasHindered(story, history) ? null
            : "nothing made it fail",
        ["Signaled"] = (exit, story, history) =>
            exit.Signal is not { } signal ? "a signal ended it, and the record does not say which"
            : story.WasSent(signal) || story.DidAct("signal", "failfast") || WasHindered(story, history) ? null
            : $"nobody sent signal {signal}",
        ["StopTimeout"] = (exit, story, history) =>
            exit is not ({ Code: 1 } or { Signal: Linux.Kill }) ? "neither code 1 nor SIGKILL"
            : IsStuck(story) || WasHindered(story, history) ? null
            : "nothing kept it from leaving in time",
        ["ReadyTimeout"] = (_, story, history) =>
            story.End - story.Begin + Moment < history.Terms.ReadyTimeout ? "its ready timeout had not passed"
            : IsStuck(story) || story.DidAct("delay") || WasHindered(story, history) ? null
            : "nothing kept it from being ready in time",
        ["LivenessTimeout"] = (_, story, history) =>
            history.Terms.LivenessTimeout(story.Exits[0].Line.Service) is null ? "nobody looks whether it is alive"
            : IsStuck(story) ? null
            : "nothing kept it from saying that it is alive",
        ["MaxAge"] = (exit, story, history) => exit.Code != 0 ? "a worker that is replaced for its age has not left with 0"
            : history.Notes("do-age").Any(n => n.Service == exit.Line.Service && n.Time < story.End) ? null
            : "nobody has limited its age",
        ["FastStop"] = (_, _, history) => history.End?.Detail == "2" ? null : "nobody wanted a fast stop",
    };

    public static string? Complaint(ExitRecord exit, WorkerHistory story, History history) =>
        Rules.TryGetValue(exit.Reason, out var rule) ? rule(exit, story, history) : $"{exit.Reason} is not to be expected here";

    /// <remarks>One that was not wanted any more when its start failed is recorded as stopped or replaced.</remarks>
    public static string? ComplaintOnFailedStart(ExitRecord exit, History history) =>
        exit.Reason is "Stopped" or "Replaced" || exit.Line.Detail.Contains("not wanted any more", StringComparison.Ordinal) ? null
        : exit.Reason != "StartFailed" ? "a record without a process that is no failed start"
        : IsHindered(history, exit.Line.Time - history.Terms.EditLimit, exit.Line.Time) ? null
        : "nothing kept the process from being started";

    /// <summary>Whether something else than a kill had begun to end it.</summary>
    public static bool WasLeaving(WorkerHistory story, History history)
    {
        var kill = story.Lines.First(l => l.Is("do-signal") && l.Detail == $"{Linux.Kill}").Time;
        return story.DidAct("throw", "exit", "leave", "failfast", "signal")
            || story.Lines.Any(l => l.Detail == $"{Linux.Terminate}" && l.Is("do-signal"))
            || story.Lines.Any(l => l.Time < kill + Moment && (l.IsEvent("Stopping") || l.IsEvent("Killed")))
            || history.End is not null
            || WasHindered(story, history);
    }

    /// <summary>Stopped, or hanging as its script says: no wish of the master reaches it.</summary>
    public static bool IsStuck(WorkerHistory story) =>
        story.WasSent(Linux.Stop) || story.DidAct("hang", "blockpool");

    private static bool WasUnwanted(WorkerHistory story, History history) =>
        history.End?.Time <= story.End + Moment
        || story.Exits[0].Line.Incarnation == 0
        || history.Targets(story.Exits[0].Line.Service, TimeSpan.Zero, story.End)
            .Any(t => int.Parse(t.Detail, null) <= story.Exits[0].Line.WorkerId);

    private static bool MayReplace(History history, TimeSpan until) => history.Lines.Where(l => l.Time < until).Any(l =>
        l.What is "do-edit" or "do-reload"
        || (l.Is("do-signal") && l.Detail == $"{Linux.Hangup}")
        || (l.Is("act") && l.Detail == "restart"));

    /// <summary>Whether its start, or what its start needs, was disturbed from outside.</summary>
    private static bool WasHindered(WorkerHistory story, History history) =>
        IsHindered(history, story.Begin - TimeSpan.FromSeconds(1), story.End);

    private static bool IsHindered(History history, TimeSpan from, TimeSpan to) =>
        history.WasOn("do-limit", from, to)
        || history.WasOn("do-limit-processes", from, to)
        || history.WasOn("do-break", from, to)
        || history.WasOn("do-spoil", from, to)
        || history.Notes("do-edit").Any(n => n.Time >= from && n.Time <= to);
}
