using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The exit reason follows from the worker's report, the master's request and the exit status.</summary>
internal sealed class ExitReasonTests
{
    private readonly Master _master = new Master(Poller).StartAndSettle();

    private readonly ProcessState _process;

    public ExitReasonTests() => _process = _master.Worker();

    [TestCase(0, null, WorkerExitReason.Exited)]
    [TestCase(1, null, WorkerExitReason.Exited)]
    [TestCase(42, null, WorkerExitReason.Exited)]
    [TestCase(null, 9, WorkerExitReason.Signaled)]
    [TestCase(null, 11, WorkerExitReason.Signaled)]
    [TestCase(null, null, WorkerExitReason.Exited)]
    [Category("Guarantee 8")]
    public void Without_a_report_the_exit_status_determines_the_reason(int? code, int? signal, WorkerExitReason expected)
    {
        var exit = _master.Exit(_process, new ExitStatus(code, signal)).Exit();

        Assert.That((exit.Reason, exit.ExitCode, exit.Signal), Is.EqualTo((expected, code, signal)));
    }

    [TestCase(WorkerExitReason.Faulted, 2, null, WorkerExitReason.Faulted)]
    [TestCase(WorkerExitReason.Faulted, null, 6, WorkerExitReason.Faulted, Description = "the runtime aborts afterwards")]
    [TestCase(WorkerExitReason.Exited, 42, null, WorkerExitReason.Exited)]
    [TestCase(WorkerExitReason.StopTimeout, 1, null, WorkerExitReason.StopTimeout)]
    [TestCase(WorkerExitReason.Terminated, 0, null, WorkerExitReason.Terminated)]
    [TestCase(WorkerExitReason.Terminated, null, 9, WorkerExitReason.Signaled, Description = "killed while it stops")]
    [Category("Guarantee 8")]
    public void The_reported_reason_is_recorded_unless_a_terminating_worker_is_killed(
        WorkerExitReason reported, int? code, int? signal, WorkerExitReason expected)
    {
        _master.Leaving(_process, reported, "more");

        var exit = _master.Exit(_process, new ExitStatus(code, signal)).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((expected, "more")));
    }

    [TestCase(null, 0, null, WorkerExitReason.Stopped)]
    [TestCase(null, null, 9, WorkerExitReason.Signaled, Description = "killed by another process while it stops")]
    [TestCase(WorkerExitReason.Stopped, 0, null, WorkerExitReason.Stopped)]
    [TestCase(WorkerExitReason.Terminated, 0, null, WorkerExitReason.Stopped, Description = "a SIGTERM arrived at the same time")]
    [TestCase(WorkerExitReason.Faulted, 2, null, WorkerExitReason.Faulted, Description = "terminate threw")]
    [TestCase(WorkerExitReason.Exited, 42, null, WorkerExitReason.Exited, Description = "an exit code was requested during terminate")]
    [TestCase(WorkerExitReason.StopTimeout, 1, null, WorkerExitReason.StopTimeout, Description = "the worker ended itself at the timeout")]
    [Category("Guarantee 8")]
    public void Reason_of_a_worker_that_was_asked_to_stop(WorkerExitReason? reported, int? code, int? signal, WorkerExitReason expected)
    {
        _master.Scale(0);
        if (reported is { } reason)
        {
            _master.Leaving(_process, reason);
        }

        Assert.That(_master.Exit(_process, new ExitStatus(code, signal)).Exit().Reason, Is.EqualTo(expected));
    }

    [TestCase(null, WorkerExitReason.Replaced)]
    [TestCase(WorkerExitReason.Stopped, WorkerExitReason.Replaced)]
    [TestCase(WorkerExitReason.Faulted, WorkerExitReason.Faulted)]
    [Category("Guarantee 8")]
    public void Reason_of_a_worker_that_was_replaced(WorkerExitReason? reported, WorkerExitReason expected)
    {
        _master.AskForReplacement(_process);
        _master.Hello(_master.Successor());
        if (reported is { } reason)
        {
            _master.Leaving(_process, reason);
        }

        Assert.That(_master.Exit(_process, 0).Exit().Reason, Is.EqualTo(expected));
    }

    [Test]
    public void A_worker_that_stopped_on_its_own_before_the_request_keeps_its_reason()
    {
        _master.Leaving(_process, WorkerExitReason.Terminated);
        _master.Scale(0);

        Assert.That(_master.Exit(_process, 0).Exit().Reason, Is.EqualTo(WorkerExitReason.Terminated));
    }

    [Test]
    public void A_later_report_takes_precedence_unless_it_only_confirms_the_stop()
    {
        _master.Leaving(_process, WorkerExitReason.Terminated, "SIGTERM");
        _master.Leaving(_process, WorkerExitReason.Faulted, "terminate threw");
        _master.Leaving(_process, WorkerExitReason.Stopped, "confirmed");

        var exit = _master.Exit(_process, 2).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((WorkerExitReason.Faulted, "terminate threw")));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void The_exception_of_a_worker_that_is_leaving_is_kept_when_its_stop_is_requested(bool stopsProgram)
    {
        _master.Leaving(_process, WorkerExitReason.Faulted, "System.IO.IOException: no space");
        if (stopsProgram)
        {
            _master.Stop();
        }
        else
        {
            _master.Scale(0);
        }

        var exit = _master.Exit(_process, 2).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((WorkerExitReason.Faulted, "System.IO.IOException: no space")));
    }

    [Test]
    public void The_message_of_a_worker_that_repeats_its_report_does_not_grow()
    {
        for (var i = 0; i < 100; i++)
        {
            _master.Leaving(_process, WorkerExitReason.StopTimeout, new string('x', 100));
        }

        Assert.That(_master.Exit(_process, 1).Exit().Message, Has.Length.EqualTo(100));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void The_exit_of_a_faulted_worker_that_exceeds_its_graceful_timeout_has_both_reports(bool isRequested)
    {
        if (isRequested)
        {
            _master.Scale(0);
        }

        _master.Leaving(_process, WorkerExitReason.Faulted, "System.IO.IOException: no space");
        _master.Leaving(_process, WorkerExitReason.StopTimeout, "The graceful timeout has passed.");

        var exit = _master.Exit(_process, 1).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((
            WorkerExitReason.StopTimeout, "The graceful timeout has passed. Reported before: System.IO.IOException: no space")));
    }

    [Test]
    public void A_report_after_the_kill_does_not_change_the_reason()
    {
        _master.Scale(0);
        _master.AdvanceToNextDeadline();
        _master.Leaving(_process, WorkerExitReason.Faulted, "too late");

        var exit = _master.Exit(_process, ExitStatus.Signaled(9)).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((WorkerExitReason.StopTimeout, (string?)null)));
    }

    [Test]
    public void A_faulted_worker_that_is_also_asked_to_stop_does_not_count_as_a_failure()
    {
        _master.Leaving(_process, WorkerExitReason.Faulted);
        _master.Scale(0);
        _master.Scale(1);

        Assert.That(_master.Exit(_process, 2).Exit().NextStart, Is.EqualTo(TimeSpan.Zero));
        Assert.That(_master.Slot(0).Failures.Restarts, Is.Zero);
    }

    [Test]
    public void A_start_cancelled_by_a_resize_is_recorded_as_stopped()
    {
        _master.Scale(2);
        var second = _master.Worker(1);
        _master.Scale(1);

        var exit = _master.StartFailed(second, "The start was cancelled before the process was created.").Exit();

        Assert.That(exit.Reason, Is.EqualTo(WorkerExitReason.Stopped));
    }

    [Test]
    public void A_start_cancelled_by_the_ready_timeout_is_recorded_as_a_ready_timeout()
    {
        _master.Scale(2);
        var second = _master.Worker(1);
        _master.Advance(Poller.ReadyTimeout);

        var exit = _master.StartFailed(second, "The start was cancelled before the process was created.").Exit();

        Assert.That(exit.Reason, Is.EqualTo(WorkerExitReason.ReadyTimeout));
    }
}
