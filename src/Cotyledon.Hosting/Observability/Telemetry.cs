using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Observability.TelemetryNames;

namespace Cotyledon.Hosting.Observability;

/// <summary>
/// Measures and traces the work of the supervisor, based on its commands. Counters are always kept; activities and start durations are
/// recorded only if there are listeners.
/// </summary>
internal sealed class Telemetry
{
    /// <summary>The time for which the stop of the program waits for slow listeners.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;
    private readonly BackgroundRecorder _recorder = new();
    private readonly SupervisorMeter _meter;
    private Func<long> _droppedEvents = () => 0;
    private Func<long> _droppedLines = () => 0;
    private DateTimeOffset? _stopping;

    public Telemetry(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        _meter = new SupervisorMeter(
            meters,
            () => [("events", _droppedEvents()), ("log_lines", _droppedLines()), ("measurements", _recorder.Dropped)]);
    }

    public static string OriginOf(StartTimes start) => start.WasSpare ? "spare" : "process";

    public void Attach(Supervisor supervisor, WorkerEvents events, BackgroundLog log)
    {
        _droppedEvents = () => events.Dropped;
        _droppedLines = () => log.Dropped;
        _meter.Attach(supervisor);
    }

    /// <summary>Observes a command of the supervisor. Called on the supervisor's thread, so it must not call code of the program.</summary>
    public void Observe(SupervisorCommand command)
    {
        switch (command)
        {
            case SupervisorCommand.Publish { Start: { } start } publish when WantsStarts:
                OnStarted(publish.Worker, start);
                break;
            case SupervisorCommand.RecordExit record when record.Exit.Service != SupervisorState.SpareName:
                OnExited(record);
                break;
            case SupervisorCommand.RunTerminateHooks:
                _stopping = _clock.GetUtcNow();
                break;
            case SupervisorCommand.Finish finish when SupervisorTraces.IsOn:
                var end = _clock.GetUtcNow();
                var begin = _stopping ?? end;
                _recorder.Post(() => SupervisorTraces.Stopped(begin, end, finish.ExitCode, finish.Fast));
                break;
        }
    }

    /// <summary>Runs a reload or rolling restart, and records its duration and outcome.</summary>
    public async Task<ReloadResult> ObserveAsync(ReloadRequest request, Func<ReloadRequest, Task<ReloadResult>> run)
    {
        var action = request.Action;
        var (name, kind) = action switch
        {
            { Kind: OperationKind.Restart } => ("cotyledon.restart", "restart"),
            ReloadAction.ReloadProcess => ("cotyledon.reload", "worker"),
            _ => ("cotyledon.reload", "reload"),
        };
        using var activity = SupervisorTraces.BeginReload(
            name, request.ParentActivity, _clock.GetUtcNow() - _clock.GetElapsedTime(request.Since));
        activity?.SetTag(ReloadKind, kind).SetTag(Service, action.Kind == OperationKind.Restart ? action.Service : null);
        try
        {
            var result = await run(request).ConfigureAwait(false);
            activity?.SetTag(Outcome, Of(result.Outcome));
            if (result.Outcome is ReloadOutcome.Rejected or ReloadOutcome.Failed)
            {
                activity?.SetStatus(ActivityStatusCode.Error, string.Join(' ', result.Errors));
            }

            _recorder.Post(() => _meter.RecordReload(
                result.Duration, new(ReloadKind, kind), new(Outcome, Of(result.Outcome))));
            return result;
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message).SetTag(ErrorType, e.GetType().FullName);
            throw;
        }
    }

    /// <summary>Stops recording, and waits up to <see cref="FlushTimeout"/> until listeners have received all records.</summary>
    public async Task CompleteAsync() => await _recorder.CompleteAsync().WaitAsync(FlushTimeout, _clock)
        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private bool WantsStarts => _meter.WantsStarts || SupervisorTraces.IsOn;

    private void OnStarted(WorkerIdentity worker, StartTimes start)
    {
        var now = _clock.GetUtcNow();
        _recorder.Post(() =>
        {
            _meter.RecordStart(
                start.Elapsed - start.Waited, new(Service, worker.Service), new(StartOrigin, OriginOf(start)));
            SupervisorTraces.Started(worker, start, now);
        });
    }

    private void OnExited(SupervisorCommand.RecordExit record)
    {
        var exit = record.Exit;
        if (exit.NextStart is not null)
        {
            _meter.CountRestart(exit.Service, exit.Reason);
        }

        if (record.FailedStart is not { } start || !WantsStarts)
        {
            return;
        }

        var now = _clock.GetUtcNow();
        _recorder.Post(() =>
        {
            _meter.RecordStart(
                start.Elapsed - start.Waited,
                new(Service, exit.Service),
                new(StartOrigin, OriginOf(start)),
                new(ErrorType, Of(exit.Reason)));
            SupervisorTraces.FailedToStart(exit, start, now);
        });
    }
}
