using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Launching;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.InProcess;

/// <summary>A worker in the process of the master. It reports the same messages in the same order as a worker process.</summary>
internal sealed class InProcessWorker(
    int spawn,
    Func<Frame.Assign, IMasterLink, WorkerRun> createRun,
    Action<SupervisorMessage> report,
    TimeProvider clock,
    ILogger logger) : IMasterLink
{
    private readonly Lock _gate = new();
    private WorkerRun? _run;
    private PausableTimeout? _deadline;
    private TimeSpan _gracefulTimeout;
    private StopCause? _stopCause;
    private int? _exitCode;
    private bool _isGone;

    /// <summary>Called once, when the worker has exited or was abandoned.</summary>
    public Action OnGone { get; init; } = () => { };

    public void Start()
    {
        report(new SupervisorMessage.WorkerStarted(spawn, Environment.ProcessId));
        report(new SupervisorMessage.WorkerSaidHello(spawn));
    }

    public void Assign(Frame.Assign assignment, IReadOnlyList<WorkerRegistration> registrations)
    {
        _gracefulTimeout = assignment.GracefulTimeout;
        _run = createRun(assignment, this);
        _run.Start(registrations);
    }

    public void Update(Frame.Update update)
    {
        _gracefulTimeout = update.GracefulTimeout;
        _run?.Update(update);
    }

    public void Reload() => _run?.Reload();

    public void Say(Frame frame)
    {
        lock (_gate)
        {
            if (!_isGone)
            {
                WorkerFrames.Report(spawn, frame, report);
            }
        }
    }

    public bool Leave(StopCause cause)
    {
        lock (_gate)
        {
            if (_stopCause is not null || _isGone)
            {
                return false;
            }

            _stopCause = cause;
            _exitCode = cause.ExitCode;
            if (cause.Reason is { } reason)
            {
                Say(new Frame.Leaving(reason, cause.Detail ?? ""));
            }

            if (_run is not null && _gracefulTimeout > TimeSpan.Zero)
            {
                var passed = new CancellationTokenSource();
                passed.Token.Register(EndAtDeadline);
                _deadline = PausableTimeout.TryStart(passed, _gracefulTimeout, clock);
            }
        }

        _ = Task.Run(StopAsync);
        return true;
    }

    public void ReportExit(int exitCode, WorkerExitReason? reason, string detail)
    {
        lock (_gate)
        {
            if (_exitCode is null or 0)
            {
                _exitCode = exitCode;
                if (reason is { } known)
                {
                    Say(new Frame.Leaving(known, detail));
                }
            }
        }
    }

    /// <summary>
    /// Abandons the worker, because code in this process cannot be killed. The service is told to stop, and the exit is reported at once.
    /// </summary>
    public void Abandon()
    {
        bool isStopping;
        lock (_gate)
        {
            isStopping = _stopCause is not null;
            _stopCause ??= StopCause.Requested;
        }

        if (!GoWith(ExitStatus.Unknown) || _run is not { } run)
        {
            return;
        }

        Log.WorkerAbandoned(logger, run.Context.ServiceName, run.Context.WorkerId);
        if (!isStopping)
        {
            _ = Task.Run(StopAsync);
        }
    }

    private async Task StopAsync()
    {
        try
        {
            if (_run is { } run)
            {
                await run.StopAsync().ConfigureAwait(false);
                run.Dispose();
            }
        }
        finally
        {
            GoWith(ExitStatus.Exited(_exitCode ?? 0));
        }
    }

    private void EndAtDeadline()
    {
        Say(new Frame.Leaving(WorkerExitReason.StopTimeout, "The graceful timeout has passed."));
        if (GoWith(ExitStatus.Exited(1)))
        {
            Log.WorkerAbandoned(logger, _run!.Context.ServiceName, _run.Context.WorkerId);
        }
    }

    private bool GoWith(ExitStatus status)
    {
        lock (_gate)
        {
            if (_isGone)
            {
                return false;
            }

            _isGone = true;
            _deadline?.Dispose();
        }

        report(new SupervisorMessage.WorkerExited(spawn, status, []));
        OnGone();
        return true;
    }
}
