using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The true reason: what the worker said, what it was told, and how the system says that it ended.</summary>
internal sealed class ExitReasonTests
{
    private readonly Master _master = new Master(Poller).StartAndSettle();

    private readonly WorkerProcess _process;

    public ExitReasonTests() => _process = _master.Worker();

    [TestCase(0, null, WorkerExitReason.Exited)]
    [TestCase(1, null, WorkerExitReason.Exited)]
    [TestCase(42, null, WorkerExitReason.Exited)]
    [TestCase(null, 9, WorkerExitReason.Signaled)]
    [TestCase(null, 11, WorkerExitReason.Signaled)]
    [TestCase(null, null, WorkerExitReason.Exited)]
    public void A_worker_that_said_nothing_is_judged_by_its_status(int? code, int? signal, WorkerExitReason expected)
    {
        var exit = _master.Exit(_process, new ExitStatus(code, signal)).Exit();

        Assert.That((exit.Reason, exit.ExitCode, exit.Signal), Is.EqualTo((expected, code, signal)));
    }

    [TestCase(WorkerExitReason.Faulted, 2, null, WorkerExitReason.Faulted)]
    [TestCase(WorkerExitReason.Faulted, null, 6, WorkerExitReason.Faulted, Description = "the runtime aborts after it")]
    [TestCase(WorkerExitReason.Exited, 42, null, WorkerExitReason.Exited)]
    [TestCase(WorkerExitReason.StopTimeout, 1, null, WorkerExitReason.StopTimeout)]
    [TestCase(WorkerExitReason.Terminated, 0, null, WorkerExitReason.Terminated)]
    [TestCase(WorkerExitReason.Terminated, null, 9, WorkerExitReason.Signaled, Description = "killed on its way out")]
    public void A_worker_that_said_why_is_believed(WorkerExitReason said, int? code, int? signal, WorkerExitReason expected)
    {
        _master.Leaving(_process, said, "more");

        var exit = _master.Exit(_process, new ExitStatus(code, signal)).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((expected, "more")));
    }

    [TestCase(null, 0, null, WorkerExitReason.Stopped)]
    [TestCase(null, null, 9, WorkerExitReason.Signaled, Description = "killed by somebody else on its way out")]
    [TestCase(WorkerExitReason.Stopped, 0, null, WorkerExitReason.Stopped)]
    [TestCase(WorkerExitReason.Terminated, 0, null, WorkerExitReason.Stopped, Description = "a SIGTERM that crossed confirms")]
    [TestCase(WorkerExitReason.Faulted, 2, null, WorkerExitReason.Faulted, Description = "terminate threw")]
    [TestCase(WorkerExitReason.Exited, 42, null, WorkerExitReason.Exited, Description = "terminate asked for a code")]
    [TestCase(WorkerExitReason.StopTimeout, 1, null, WorkerExitReason.StopTimeout, Description = "it ended itself in time")]
    public void A_worker_that_was_told_to_stop(WorkerExitReason? said, int? code, int? signal, WorkerExitReason expected)
    {
        _master.Resize(0);
        if (said is { } reason)
        {
            _master.Leaving(_process, reason);
        }

        Assert.That(_master.Exit(_process, new ExitStatus(code, signal)).Exit().Reason, Is.EqualTo(expected));
    }

    [TestCase(null, WorkerExitReason.Replaced)]
    [TestCase(WorkerExitReason.Stopped, WorkerExitReason.Replaced)]
    [TestCase(WorkerExitReason.Faulted, WorkerExitReason.Faulted)]
    public void A_worker_that_was_replaced(WorkerExitReason? said, WorkerExitReason expected)
    {
        _master.AskForReplacement(_process);
        _master.Hello(_master.Successor());
        if (said is { } reason)
        {
            _master.Leaving(_process, reason);
        }

        Assert.That(_master.Exit(_process, 0).Exit().Reason, Is.EqualTo(expected));
    }

    [Test]
    public void A_worker_that_left_by_itself_before_it_was_told_keeps_its_reason()
    {
        _master.Leaving(_process, WorkerExitReason.Terminated);
        _master.Resize(0);

        Assert.That(_master.Exit(_process, 0).Exit().Reason, Is.EqualTo(WorkerExitReason.Terminated));
    }

    [Test]
    public void The_later_word_counts_unless_it_only_confirms()
    {
        _master.Leaving(_process, WorkerExitReason.Terminated, "SIGTERM");
        _master.Leaving(_process, WorkerExitReason.Faulted, "terminate threw");
        _master.Leaving(_process, WorkerExitReason.Stopped, "confirmed");

        var exit = _master.Exit(_process, 2).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((WorkerExitReason.Faulted, "terminate threw")));
    }

    [Test]
    public void A_word_that_comes_after_the_kill_does_not_change_why_it_was_killed()
    {
        _master.Resize(0);
        _master.AdvanceToNextDeadline();
        _master.Leaving(_process, WorkerExitReason.Faulted, "too late");

        var exit = _master.Exit(_process, ExitStatus.Signaled(9)).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((WorkerExitReason.StopTimeout, (string?)null)));
    }

    [Test]
    public void A_worker_that_leaves_by_itself_and_is_told_to_stop_meanwhile_is_no_failure()
    {
        _master.Leaving(_process, WorkerExitReason.Faulted);
        _master.Resize(0);
        _master.Resize(1);

        Assert.That(_master.Exit(_process, 2).Exit().NextStart, Is.EqualTo(TimeSpan.Zero));
        Assert.That(_master.Slot(0).Restarts, Is.Zero);
    }

    [Test]
    public void A_start_that_was_called_off_because_nobody_wanted_it_any_more_is_recorded_as_stopped()
    {
        _master.Resize(2);
        var second = _master.Worker(1);
        _master.Resize(1);

        var exit = _master.StartFailed(second, "It was not wanted any more.").Exit();

        Assert.That(exit.Reason, Is.EqualTo(WorkerExitReason.Stopped));
    }

    [Test]
    public void A_start_that_was_called_off_because_it_took_too_long_is_recorded_as_a_ready_timeout()
    {
        _master.Resize(2);
        var second = _master.Worker(1);
        _master.Advance(Poller.ReadyTimeout);

        var exit = _master.StartFailed(second, "It was not wanted any more.").Exit();

        Assert.That(exit.Reason, Is.EqualTo(WorkerExitReason.ReadyTimeout));
    }
}
