using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Processes;

internal sealed class SignalMaskTests
{
    [TestCase(13, true, TestName = "SIGPIPE_is_ignored_because_the_runtime_ignores_it")]
    [TestCase(9, false, TestName = "SIGKILL_cannot_be_ignored")]
    [TestCase(19, false, TestName = "SIGSTOP_cannot_be_ignored")]
    [TestCase(64, false, TestName = "The_last_signal_is_read_from_the_highest_bit")]
    [Platform("Linux")]
    public void A_signal_is_ignored_or_not(int signal, bool isIgnored) =>
        Assert.That(SignalMask.Ignores(signal), Is.EqualTo(isIgnored));
}
