using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Tests;

internal sealed class SignalNamesTests
{
    [TestCase(7, false, "SIGBUS")]
    [TestCase(9, false, "SIGKILL")]
    [TestCase(31, false, "SIGSYS")]
    [TestCase(34, false, "signal 34")]
    [TestCase(0, false, "signal 0")]
    [TestCase(7, true, "SIGEMT")]
    [TestCase(10, true, "SIGBUS")]
    [TestCase(15, true, "SIGTERM")]
    [TestCase(31, true, "SIGUSR2")]
    [TestCase(32, true, "signal 32")]
    public void Name_is_that_of_the_platform(int signal, bool onApple, string expected) =>
        Assert.That(SignalNames.Of(signal, onApple), Is.EqualTo(expected));
}
