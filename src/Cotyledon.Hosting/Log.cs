using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting;

/// <summary>The log messages. A message about a worker starts with the service, the worker id and the process id.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Supervising {Services} as process {ProcessId}.", EventName = "SupervisorStarted")]
    public static partial void SupervisorStarted(ILogger logger, string services, int processId);

    [LoggerMessage(2, LogLevel.Information, "All workers are ready{Except}.", EventName = "AllReady")]
    public static partial void AllReady(ILogger logger, string except);

    [LoggerMessage(3, LogLevel.Information, "Stopping all workers.", EventName = "SupervisorStopping")]
    public static partial void SupervisorStopping(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "All workers have exited; the exit code is {ExitCode}.", EventName = "SupervisorStopped")]
    public static partial void SupervisorStopped(ILogger logger, int exitCode);

    [LoggerMessage(5, LogLevel.Warning, "The program was stopped at once; workers that still ran were killed.", EventName = "FastStop")]
    public static partial void FastStop(ILogger logger);

    [LoggerMessage(6, LogLevel.Information, "{Service}: from {From} to {To} workers.", EventName = "Resized")]
    public static partial void Resized(ILogger logger, string service, int from, int to);

    [LoggerMessage(7, LogLevel.Warning, "{Warning}", EventName = "ConfigurationWarning")]
    public static partial void ConfigurationWarning(ILogger logger, string warning);

    [LoggerMessage(8, LogLevel.Warning,
        "The program is run by {Program}, which only builds its host; no workers are started.",
        EventName = "NotTheApplication")]
    public static partial void NotTheApplication(ILogger logger, string program);

    [LoggerMessage(9, LogLevel.Critical, "The supervisor failed and stops the program.", EventName = "SupervisorFailed")]
    public static partial void SupervisorFailed(ILogger logger, Exception exception);

    [LoggerMessage(10, LogLevel.Warning, "{Count} log lines were dropped because the log was too slow or a log provider threw.",
        EventName = "LinesDropped")]
    public static partial void LinesDropped(ILogger logger, long count);

    [LoggerMessage(33, LogLevel.Error, "{Service}({WorkerId}) [{ProcessId}]: the connection to the master has ended, so the worker stops.", EventName = "MasterGone")]
    public static partial void MasterGone(ILogger logger, string service, int workerId, int processId);

    [LoggerMessage(32, LogLevel.Error,
        "The system does not allow this process to start more threads, so hooks and events are delayed. Raise the limit of processes and threads: "
        + "TasksMax of the service, or ulimit -u.",
        EventName = "NoThread")]
    public static partial void NoThread(ILogger logger, Exception exception);

    [LoggerMessage(11, LogLevel.Error, "The new configuration was rejected; the last valid configuration stays in use. {Errors}",
        EventName = "ConfigurationRejected")]
    public static partial void ConfigurationRejected(ILogger logger, string errors);

    [LoggerMessage(12, LogLevel.Information, "The configuration is valid again.", EventName = "ConfigurationValid")]
    public static partial void ConfigurationValid(ILogger logger);

    [LoggerMessage(13, LogLevel.Information, "Settings applied: {Keys}.", EventName = "SettingsApplied")]
    public static partial void SettingsApplied(ILogger logger, string keys);

    [LoggerMessage(14, LogLevel.Information, "Reloaded {Workers} within {Duration}.", EventName = "Reloaded")]
    public static partial void Reloaded(ILogger logger, string workers, TimeSpan duration);

    [LoggerMessage(15, LogLevel.Error, "Reload completed with failures: {Failures}; reloaded {Workers}.", EventName = "ReloadIncomplete")]
    public static partial void ReloadIncomplete(ILogger logger, string workers, string failures);

    [LoggerMessage(39, LogLevel.Warning, "Reload aborted: {Error}", EventName = "ReloadAborted")]
    public static partial void ReloadAborted(ILogger logger, string error);

    [LoggerMessage(16, LogLevel.Error, "{Service}: the rolling restart was aborted. {Count} workers were not replaced. Cause: {Cause}",
        EventName = "ReplacementsAborted")]
    public static partial void ReplacementsAborted(ILogger logger, string service, int count, string cause);

    [LoggerMessage(17, LogLevel.Critical, "A reload or restart failed unexpectedly. Later requests are still handled.", EventName = "ReloadError")]
    public static partial void ReloadError(ILogger logger, Exception exception);

    [LoggerMessage(18, LogLevel.Warning,
        "SIGHUP was ignored when this program was started, for example by nohup, so SIGHUP cannot reload it. Save a configuration file "
        + "or call ICotyledonManager.ReloadAsync instead.",
        EventName = "HangupIgnored")]
    public static partial void HangupIgnored(ILogger logger);

    [LoggerMessage(19, LogLevel.Debug, "{Key} = {Value}", EventName = "Option")]
    public static partial void Option(ILogger logger, string key, string value);

    [LoggerMessage(20, LogLevel.Debug, "{Service}({WorkerId}) [{ProcessId}] {Change}", EventName = "WorkerChanged")]
    public static partial void WorkerChanged(
        ILogger logger, string service, int workerId, int? processId, WorkerEventKind change);

    [LoggerMessage(21, LogLevel.Information, "{Service}({WorkerId}) [{ProcessId}] is ready.", EventName = "WorkerReady")]
    public static partial void WorkerReady(ILogger logger, string service, int workerId, int? processId);

    [LoggerMessage(22, LogLevel.Information, "{Service}({WorkerId}) [{ProcessId}] has completed its work and is idle.",
        EventName = "WorkerIdle")]
    public static partial void WorkerIdle(ILogger logger, string service, int workerId, int? processId);

    [LoggerMessage(23, LogLevel.Warning, "{Service}({WorkerId}) [{ProcessId}] {What}", EventName = "WorkerKilled")]
    public static partial void WorkerKilled(ILogger logger, string service, int workerId, int? processId, string what);

    [LoggerMessage(EventId = 24,
        Message = "{Service}({WorkerId}) [{ProcessId}] {What} after {Seconds:0.0} s; {Next}{Details}", EventName = "WorkerExited")]
    public static partial void WorkerExited(
        ILogger logger, LogLevel level, string service, int workerId, int? processId, string what, double seconds, string next,
        string details);

    [LoggerMessage(25, LogLevel.Error,
        "{Service}({WorkerId}) crashed too often; {Action}. The log of its exits above shows the cause; "
        + "the limits are Cotyledon:Services:{ServiceKey}:MaxRestarts and :MaxRestartsWindow.",
        EventName = "GaveUp")]
    public static partial void GaveUp(ILogger logger, string service, int workerId, string action, string serviceKey);

    [LoggerMessage(26, LogLevel.Warning, "{Service}({WorkerId}) [{ProcessId}] {What}", EventName = "WorkerUnresponsive")]
    public static partial void WorkerUnresponsive(ILogger logger, string service, int workerId, int? processId, string what);

    [LoggerMessage(29, LogLevel.Warning, "{Service}({WorkerId}) [{ProcessId}] {What}", EventName = "ReplacementDelayed")]
    public static partial void ReplacementDelayed(ILogger logger, string service, int workerId, int? processId, string what);

    [LoggerMessage(30, LogLevel.Warning,
        "{Service}({WorkerId}) [{ProcessId}] runs another build of the program than the master: the files of the program have changed since "
        + "the master started. Restart the master to deploy a build.", EventName = "OtherBuild")]
    public static partial void OtherBuild(ILogger logger, string service, int workerId, int? processId);

    [LoggerMessage(31, LogLevel.Information,
        "{Service}({WorkerId}) [{ProcessId}] requested a shutdown of the program with exit code {ExitCode}.",
        EventName = "ShutdownRequested")]
    public static partial void ShutdownRequested(ILogger logger, string service, int workerId, int? processId, int exitCode);

    [LoggerMessage(44, LogLevel.Error,
        "{Service}({WorkerId}) [{ProcessId}] has not exited within {Timeout} after SIGKILL: it is probably blocked in a system call, for example of a "
        + "file system that does not answer.{Effect}", EventName = "WorkerStuck")]
    public static partial void WorkerStuck(ILogger logger, string service, int workerId, int? processId, TimeSpan timeout, string effect);

    [LoggerMessage(34, LogLevel.Warning,
        "{Service}({WorkerId}) exits although its RunAsync has not returned. If RunAsync needs more time to finish its work, wait for that "
        + "work in TerminateAsync.", EventName = "RunNotCompleted")]
    public static partial void RunNotCompleted(ILogger logger, string service, int workerId);

    [LoggerMessage(27, LogLevel.Information, "Workers run inside this process, each in its own scope, because {Why}.", EventName = "InProcess")]
    public static partial void InProcess(ILogger logger, string why);

    [LoggerMessage(28, LogLevel.Warning,
        "{Service}({WorkerId}) does not stop, and cannot be killed because it runs in the process of the master; it is abandoned.",
        EventName = "WorkerAbandoned")]
    public static partial void WorkerAbandoned(ILogger logger, string service, int workerId);

    [LoggerMessage(40, LogLevel.Error, "{Hook}.{Member} failed.", EventName = "HookFailed")]
    public static partial void HookFailed(ILogger logger, string hook, string member, Exception exception);

    [LoggerMessage(41, LogLevel.Error,
        "{Hook}.{Member} did not complete within {Timeout}; the program continues without it. Raise Cotyledon:HookTimeout if it needs "
        + "more time.",
        EventName = "HookTimedOut")]
    public static partial void HookTimedOut(ILogger logger, string hook, string member, TimeSpan timeout);

    [LoggerMessage(42, LogLevel.Error,
        "{Hook}.{Member} was not called, because {Count} earlier calls have exceeded Cotyledon:HookTimeout and not returned; the program continues "
        + "without it. The hook must return when its token is cancelled.",
        EventName = "HookSkipped")]
    public static partial void HookSkipped(ILogger logger, string hook, string member, int count);

    [LoggerMessage(43, LogLevel.Error,
        "The hooks before the replacement of {Service}({WorkerId}) were not called, because the hooks of earlier exits have not completed within "
        + "{Timeout}. The replacement starts without them. Raise Cotyledon:HookTimeout if the hooks need more time.",
        EventName = "ReplacementHooksSkipped")]
    public static partial void ReplacementHooksSkipped(ILogger logger, string service, int workerId, TimeSpan timeout);

    [LoggerMessage(50, LogLevel.Debug, "The control endpoint is {Path}.", EventName = "ControlStarted")]
    public static partial void ControlStarted(ILogger logger, string path);

    [LoggerMessage(EventId = 51, Message = "The control endpoint is not available: {Reason}.", EventName = "ControlUnavailable")]
    public static partial void ControlUnavailable(ILogger logger, LogLevel level, string reason);

    [LoggerMessage(52, LogLevel.Information, "Control client {Peer}: {Request}: {Outcome}", EventName = "ControlAction")]
    public static partial void ControlAction(ILogger logger, string peer, string request, string outcome);

    [LoggerMessage(53, LogLevel.Warning, "Control client uid {UserId} pid {ProcessId} was refused: this user has no access.",
        EventName = "ControlRefused")]
    public static partial void ControlRefused(ILogger logger, uint userId, int processId);

    [LoggerMessage(54, LogLevel.Error, "The control endpoint failed and is not available until the program is restarted.",
        EventName = "ControlFailed")]
    public static partial void ControlFailed(ILogger logger, Exception exception);

    [LoggerMessage(55, LogLevel.Error, "A connection of the control endpoint failed and was closed.", EventName = "ControlConnectionFailed")]
    public static partial void ControlConnectionFailed(ILogger logger, Exception exception);

    [LoggerMessage(56, LogLevel.Warning,
        "{Count} requests to the control endpoint were refused within {Window}; further refusals are not logged until this time has passed.",
        EventName = "ControlRefusalsLimited")]
    public static partial void ControlRefusalsLimited(ILogger logger, int count, TimeSpan window);

    [LoggerMessage(62, LogLevel.Error, "A callback for a changed configuration threw; the new configuration is in use.",
        EventName = "ChangeCallbackFailed")]
    public static partial void ChangeCallbackFailed(ILogger logger, Exception exception);

    [LoggerMessage(64, LogLevel.Error, "A callback for a changed configuration did not return within {Timeout}; the new "
        + "configuration is in use, and the reload continues without the callback.", EventName = "ChangeCallbackTimedOut")]
    public static partial void ChangeCallbackTimedOut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(65, LogLevel.Warning, "The configuration provider {Provider} could not be read.", EventName = "ProviderNotRead")]
    public static partial void ProviderNotRead(ILogger logger, string provider, Exception exception);

    [LoggerMessage(66, LogLevel.Warning, "The master has not sent its configuration within {Timeout}; this worker uses the values that it loaded "
        + "itself until the configuration of the master arrives.", EventName = "NoConfiguration")]
    public static partial void NoConfiguration(ILogger logger, TimeSpan timeout);

    [LoggerMessage(63, LogLevel.Warning, "The configuration provider {Provider} could not be disposed of.",
        EventName = "ProviderNotDisposed")]
    public static partial void ProviderNotDisposed(ILogger logger, string provider, Exception exception);

    [LoggerMessage(70, LogLevel.Warning, "Cluster store ({Store}): {Problem} The call is repeated until the store answers. If the lease cannot be "
        + "renewed, workers with Scope Cluster stop before the lease ends; other services are not affected.", EventName = "ClusterStoreFailed")]
    public static partial void ClusterStoreFailed(ILogger logger, string store, string problem);

    [LoggerMessage(71, LogLevel.Information, "The cluster store ({Store}) answers again, after {Duration}.", EventName = "ClusterStoreAnswers")]
    public static partial void ClusterStoreAnswers(ILogger logger, string store, TimeSpan duration);

    [LoggerMessage(72, LogLevel.Information, "{Service}({WorkerId}): this machine has taken over the worker id; the incarnations of the worker start at {Incarnation} here.",
        EventName = "WorkerIdGranted")]
    public static partial void WorkerIdGranted(ILogger logger, string service, int workerId, long incarnation);

    [LoggerMessage(73, LogLevel.Information, "{Service}({WorkerId}): this machine releases the worker id and stops its worker: {Cause}.",
        EventName = "WorkerIdRevoked")]
    public static partial void WorkerIdRevoked(ILogger logger, string service, int workerId, string cause);

    [LoggerMessage(76, LogLevel.Information, "{Service}: this program is on standby; other programs hold {Held} of {Count} worker ids.", EventName = "StandingBy")]
    public static partial void StandingBy(ILogger logger, string service, int held, int count);

    [LoggerMessage(74, LogLevel.Warning, "The worker ids could not be released within {Timeout}; other machines take them over when the "
        + "lease has ended.", EventName = "ClusterNotLeft")]
    public static partial void ClusterNotLeft(ILogger logger, TimeSpan timeout);

    [LoggerMessage(75, LogLevel.Critical, "After an error, the program has left the cluster. Its workers with Scope Cluster are killed when the lease ends, and other "
        + "machines take over their worker ids. Restart the program to run such workers here again.", EventName = "ClusterFailed")]
    public static partial void ClusterFailed(ILogger logger, Exception exception);

    [LoggerMessage(60, LogLevel.Critical, "{Service}({WorkerId}) failed; the worker exits with code 2.",
        EventName = "ServiceFaulted")]
    public static partial void ServiceFaulted(ILogger logger, string service, int workerId, Exception exception);

    [LoggerMessage(61, LogLevel.Error, "{Service}({WorkerId}) failed to stop; the worker exits with code 2.",
        EventName = "TerminateFailed")]
    public static partial void TerminateFailed(ILogger logger, string service, int workerId, Exception exception);
}
