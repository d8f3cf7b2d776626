using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class WorkerEndTests
{
    private readonly WorkerEnd _end = new(() => null, _ => { });

    [Test]
    public void Failure_of_a_stop_replaces_the_exit_code_of_a_lost_master()
    {
        _end.TryBegin(StopCause.MasterGone);
        Assert.That(_end.TrySetExitCode(2));
        Assert.That(_end.TrySetExitCode(9), Is.False, "the first failure counts");
    }

    [TestCase(3)]
    [TestCase(7)]
    public void Failure_of_a_stop_keeps_the_exit_code_that_the_program_has_chosen(int exitCode)
    {
        _end.TryBegin(StopCause.OfException(new WorkerExitException(exitCode)));
        Assert.That(_end.TrySetExitCode(2), Is.False);
    }

    [Test]
    public void Failure_of_a_requested_stop_sets_the_exit_code()
    {
        _end.TryBegin(StopCause.Requested);
        Assert.That(_end.TrySetExitCode(5));
        Assert.That(_end.TrySetExitCode(2), Is.False);
    }
}
