using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Worker;

/// <summary>
/// The end of this worker process: its cause and exit code, and the deadlines at which the process ends although code of the program still
/// runs.
/// </summary>
/// <param name="assignment">Returns the assignment, or <see langword="null"/> while the process has no worker id.</param>
/// <param name="say">Sends a frame to the master.</param>
internal sealed class WorkerEnd(Func<Frame.Assign?> assignment, Action<Frame> say)
{
    /// <summary>
    /// The graceful timeout of a worker without a worker id. Such a worker is not killed at once, because a normal exit removes the
    /// temporary files of the runtime.
    /// </summary>
    private static readonly TimeSpan UnassignedStopTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The interval at which a leaving worker checks whether <c>Main</c> has returned.</summary>
    private static readonly TimeSpan MainCheckDelay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private StopCause? _cause;
    private TimeSpan? _timeout;
    private int? _exitCode;
    private long _deadline = long.MaxValue;
    private long _threadsDue = long.MaxValue;
    private bool _hasFailed;
    private bool _isExiting;
    private volatile bool _isMasterGone;

    /// <summary>The cause of the stop, or <see langword="null"/> while the worker is not leaving.</summary>
    public StopCause? Cause
    {
        get
        {
            lock (_gate)
            {
                return _cause;
            }
        }
    }

    /// <summary>Begins the end. The first cause counts.</summary>
    /// <returns>Whether this was the first cause.</returns>
    public bool TryBegin(StopCause cause)
    {
        lock (_gate)
        {
            if (_cause is not null)
            {
                return false;
            }

            _cause = cause;
            _exitCode = cause.ExitCode;
            var timeout = assignment()?.GracefulTimeout ?? UnassignedStopTimeout;
            if (timeout > TimeSpan.Zero)
            {
                // The lifeline starts the timeout when it reads this value, because it cannot detect a pause before that.
                _timeout = timeout;
            }

            return true;
        }
    }

    /// <summary>Sets the exit code of a worker that fails while it leaves. The first failure counts, as the cause of later ones.</summary>
    /// <returns>Whether the exit code was set.</returns>
    public bool TrySetExitCode(int exitCode)
    {
        lock (_gate)
        {
            if (_hasFailed || (_exitCode is not (null or 0) && _cause != StopCause.MasterGone))
            {
                return false;
            }

            (_hasFailed, _exitCode) = (true, exitCode);
            return true;
        }
    }

    /// <summary>The master has exited, so it cannot kill what this process leaves in its process group. This process does that itself.</summary>
    public void OnMasterGone() => _isMasterGone = true;

    /// <summary>Called when the process exits.</summary>
    public void OnProcessExit()
    {
        // Main usually returns 0, also if the service has failed.
        if (_exitCode is { } exitCode)
        {
            Environment.ExitCode = exitCode;
        }

        if (_isMasterGone || Cause == StopCause.MasterGone)
        {
            ProcessGroup.KillOthers();
        }
    }

    /// <summary>Ends the process if a deadline has passed. Called by the lifeline's thread.</summary>
    /// <param name="now">The time in milliseconds, without pauses of this process.</param>
    public void Check(long now)
    {
        if (TakeTimeout() is { } timeout)
        {
            _deadline = now + (long)timeout.TotalMilliseconds;
        }

        if (now >= _deadline)
        {
            EndAtDeadline();
        }

        if (Cause is not null)
        {
            EndLeftThreads(now);
        }
    }

    /// <summary>The time of the next <see cref="Check"/>.</summary>
    public long NextCheck(long now) =>
        Cause is null ? _deadline : Math.Min(_deadline, now + (long)MainCheckDelay.TotalMilliseconds);

    private TimeSpan? TakeTimeout()
    {
        lock (_gate)
        {
            (var timeout, _timeout) = (_timeout, null);
            return timeout;
        }
    }

    /// <summary>
    /// Ends the process if foreground threads keep it alive for longer than <see cref="CotyledonService.RunTimeout"/> after <c>Main</c> has
    /// returned.
    /// </summary>
    private void EndLeftThreads(long now)
    {
        if (!MainThread.HasReturned || _isExiting)
        {
            return;
        }

        if (_threadsDue == long.MaxValue)
        {
            _threadsDue = now + (long)CotyledonService.RunTimeout.TotalMilliseconds;
        }
        else if (now >= _threadsDue)
        {
            // On another thread, because exit handlers of the program may hang, and this thread enforces the graceful timeout.
            _isExiting = true;
            Threads.Run("cotyledon exit", () => Environment.Exit(Environment.ExitCode));
        }
    }

    private void EndAtDeadline()
    {
        var cause = Cause;
        if (cause == StopCause.MasterGone)
        {
            ProcessGroup.Kill(); // Includes this process, if it has a group of its own.
            Termination.ExitNow(3);
        }

        if (_isMasterGone)
        {
            // The master has exited while this worker was already stopping for another cause.
            ProcessGroup.KillOthers();
        }

        if (assignment() is null && cause is { ExitCode: { } exitCode })
        {
            Termination.ExitNow(exitCode);
        }

        if (MainThread.HasReturned)
        {
            Termination.ExitNow(_exitCode ?? Environment.ExitCode);
        }

        say(new Frame.Leaving(WorkerExitReason.StopTimeout, "The graceful timeout has passed."));
        Termination.ExitNow(1);
    }
}
