using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class StopCauseTests
{
    [Test]
    public void An_exception_is_a_fault_with_exit_code_2_and_the_exception_text()
    {
        Assert.That(StopCause.OfException(new NotSupportedException("broken")), Is.EqualTo(
            new StopCause(2, WorkerExitReason.Faulted, "System.NotSupportedException: broken")));
    }

    [TestCase(0)]
    [TestCase(42)]
    public void A_WorkerExitException_exits_with_its_own_code(int exitCode)
    {
        var cause = StopCause.OfException(new WorkerExitException(exitCode));

        Assert.That((cause.ExitCode, cause.Reason), Is.EqualTo(((int?)exitCode, (WorkerExitReason?)WorkerExitReason.Exited)));
    }
}
