using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Queries on a list of commands.</summary>
internal static class CommandQueries
{
    public static IReadOnlyList<int> StartedIds(this IEnumerable<SupervisorCommand> commands) =>
        [.. commands.OfType<StartWorker>().Select(c => c.WorkerId)];

    public static IReadOnlyList<int> StoppedSpawns(this IEnumerable<SupervisorCommand> commands) =>
        [.. commands.OfType<StopWorker>().Select(c => c.Spawn)];

    public static IReadOnlyList<int> KilledSpawns(this IEnumerable<SupervisorCommand> commands) =>
        [.. commands.OfType<KillWorker>().Select(c => c.Spawn)];

    /// <summary>The exit record, of which there must be exactly one.</summary>
    public static WorkerExit Exit(this IEnumerable<SupervisorCommand> commands) =>
        commands.OfType<RecordExit>().Single().Exit;

    /// <summary>The answers to requests.</summary>
    public static IReadOnlyList<CompleteRequest> Answers(this IEnumerable<SupervisorCommand> commands) =>
        [.. commands.OfType<CompleteRequest>()];

    /// <summary>The outcome of a reload for the first service, or <see langword="null"/> while it is under way.</summary>
    public static ServiceReload? Outcome(this IEnumerable<SupervisorCommand> commands) =>
        commands.OfType<CompleteReload>().SingleOrDefault()?.Services[0];

    /// <summary>The last command of all, or <see langword="null"/>.</summary>
    public static Finish? End(this IEnumerable<SupervisorCommand> commands) => commands.OfType<Finish>().SingleOrDefault();

    /// <summary>The notifications to the service manager.</summary>
    public static IReadOnlyList<T> Notices<T>(this IEnumerable<SupervisorCommand> commands)
        where T : Notice => [.. commands.OfType<Notify>().Select(c => c.Notice).OfType<T>()];

    /// <summary>The texts of the status notifications.</summary>
    public static IReadOnlyList<string> StatusLines(this IEnumerable<SupervisorCommand> commands) =>
        [.. commands.Notices<Notice.Status>().Select(s => s.Text)];

    /// <summary>The commands in a few words, for tables.</summary>
    public static string InWords(this IEnumerable<SupervisorCommand> commands) =>
        string.Join(", ", commands.Select(command => command switch
        {
            StartWorker => "start",
            AssignWorker => "assign",
            UpdateWorker => "update",
            StopWorker => "stop",
            KillWorker => "kill",
            RunTerminateHooks => "hooks",
            Publish publish => publish.Kind.ToString(),
            RecordExit record => $"exit {record.Exit.Reason}",
            RecordGiveUp => "give up",
            RecordScale => "scale",
            AnnounceReady => "announce",
            Notify notify => notify.Notice.GetType().Name,
            MeasureMemory => "measure",
            InspectWorker => "inspect",
            CompleteRequest => "answer",
            ReloadWorker => "reload",
            CompleteReload => "reloaded",
            RecordAbortedReplacements => "abort",
            RecordStuck => "stuck",
            Finish finish => $"finish {finish.ExitCode}",
            _ => command.GetType().Name,
        }));
}
