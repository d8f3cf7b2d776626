using System.Globalization;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>Writes the log messages about workers. Text from a worker or the system is escaped, so that it cannot forge lines.</summary>
internal static class WorkerLog
{
    public static void Write(ILogger logger, SupervisorCommand.Publish publish)
    {
        var worker = publish.Worker;
        switch (publish.Kind)
        {
            case WorkerEventKind.Ready:
                Log.WorkerReady(logger, worker.Service, worker.WorkerId, worker.ProcessId);
                break;
            case WorkerEventKind.Idle:
                Log.WorkerIdle(logger, worker.Service, worker.WorkerId, worker.ProcessId);
                break;
            case WorkerEventKind.Killed when publish.Detail is { } what:
                Log.WorkerKilled(logger, worker.Service, worker.WorkerId, worker.ProcessId, LogText.Escape(what));
                break;
            case WorkerEventKind.Stopping when publish.Detail is { } why:
                Log.WorkerUnresponsive(logger, worker.Service, worker.WorkerId, worker.ProcessId, LogText.Escape(why));
                break;
            default:
                Log.WorkerChanged(logger, worker.Service, worker.WorkerId, worker.ProcessId, publish.Kind);
                break;
        }
    }

    public static void Write(ILogger logger, WorkerExit exit) => Log.WorkerExited(
        logger,
        IsWanted(exit) ? LogLevel.Information : LogLevel.Warning,
        exit.Service,
        exit.WorkerId,
        exit.ProcessId,
        Describe(exit),
        exit.Uptime.TotalSeconds,
        Next(exit),
        Details(exit));

    public static void Write(ILogger logger, SupervisorCommand.RecordGiveUp record) => Log.GaveUp(
        logger,
        record.Exit.Service,
        record.Exit.WorkerId,
        record.Action == GiveUpAction.StopHost ? "the program stops with exit code 3" : "this program does not restart it",
        record.Exit.Service);

    /// <summary>Writes the message of a command that only records an event.</summary>
    public static void Write(ILogger logger, SupervisorCommand record)
    {
        switch (record)
        {
            case SupervisorCommand.RecordScale scale:
                Log.Resized(logger, scale.Service, scale.From, scale.To);
                break;
            case SupervisorCommand.RecordAbortedReplacements aborted:
                Log.ReplacementsAborted(logger, aborted.Service, aborted.Count, LogText.Escape(aborted.Cause));
                break;
            case SupervisorCommand.RecordStuck { Worker: var worker } stuck:
                Log.WorkerStuck(logger, worker.Service, worker.WorkerId, worker.ProcessId, stuck.Timeout, stuck.Effect);
                break;
            case SupervisorCommand.RecordDelayedReplacement { Worker: var worker } delayed:
                Log.ReplacementDelayed(logger, worker.Service, worker.WorkerId, worker.ProcessId, delayed.Detail);
                break;
            case SupervisorCommand.RecordOtherBuild { Worker: var worker }:
                Log.OtherBuild(logger, worker.Service, worker.WorkerId, worker.ProcessId);
                break;
            case SupervisorCommand.RecordGrant { RevokedBecause: null } grant:
                Log.WorkerIdGranted(logger, grant.Service, grant.WorkerId, grant.Incarnation);
                break;
            case SupervisorCommand.RecordGrant grant:
                Log.WorkerIdRevoked(logger, grant.Service, grant.WorkerId, LogText.Escape(grant.RevokedBecause));
                break;
            case SupervisorCommand.RecordShutdownRequest { Worker: var worker } request:
                Log.ShutdownRequested(logger, worker.Service, worker.WorkerId, worker.ProcessId, request.ExitCode);
                break;
        }
    }

    private static bool IsWanted(WorkerExit exit) => exit is
    {
        Reason: WorkerExitReason.Stopped or WorkerExitReason.Replaced or WorkerExitReason.Terminated
            or WorkerExitReason.MaxAge or WorkerExitReason.MaxMemory or WorkerExitReason.LeaseEnded
    };

    private static string Describe(WorkerExit exit)
    {
        var how = exit switch
        {
            { Signal: { } signal } => $" ({SignalNames.Of(signal)})",
            { ExitCode: { } code } => string.Create(CultureInfo.InvariantCulture, $" (exit code {code})"),
            { ProcessId: null } => "",
            _ => " (exit code unknown: other code has reaped the process)",
        };
        var why = exit.Reason switch
        {
            WorkerExitReason.Stopped => "stopped on request",
            WorkerExitReason.Replaced => "stopped to be replaced",
            WorkerExitReason.Terminated => "stopped after SIGTERM from another process",
            WorkerExitReason.Exited => "exited by itself",
            WorkerExitReason.Faulted => "failed",
            WorkerExitReason.Signaled => "was killed",
            WorkerExitReason.StopTimeout => "did not stop within its graceful timeout",
            WorkerExitReason.FastStop => "was killed because the program was stopped at once",
            WorkerExitReason.ReadyTimeout => "did not become ready within its ready timeout",
            WorkerExitReason.StartFailed => "could not be started",
            WorkerExitReason.ProtocolMismatch => "does not speak the protocol of the master",
            WorkerExitReason.LivenessTimeout => "missed its liveness deadline",
            WorkerExitReason.MaxAge => "stopped because it reached MaxAge",
            WorkerExitReason.MaxMemory => "stopped because it reached MaxMemory",
            WorkerExitReason.LeaseEnded => "was stopped at the end of the lease of the cluster",
            WorkerExitReason.Killed => "was killed by a call of ICotyledonManager.KillAsync",
            _ => exit.Reason.ToString(),
        };
        return why + how;
    }

    private static string Details(WorkerExit exit)
    {
        var lines = IsWanted(exit) ? [] : exit.StandardErrorTail;
        return (string.IsNullOrEmpty(exit.Message) ? "" : $" {LogText.Escape(exit.Message)}")
            + string.Concat(lines.Select(line => $"{Environment.NewLine}    {LogText.Escape(line)}"));
    }

    private static string Next(WorkerExit exit) => exit.NextStart switch
    {
        null => "not replaced.",
        { Ticks: 0 } => "replaced at once.",
        { } delay => string.Create(CultureInfo.InvariantCulture, $"replaced in {delay.TotalSeconds:0.0} s."),
    };
}
