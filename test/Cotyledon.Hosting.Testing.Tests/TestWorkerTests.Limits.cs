namespace Cotyledon.Hosting.Testing.Tests;

/// <summary>The limits of the options.</summary>
internal sealed partial class TestWorkerTests
{
    [Test]
    public void A_timeout_that_timers_refuse_is_an_error_at_the_start()
    {
        Assert.That(
            () => TestWorker.Start<Named>(o => o.GracefulShutdownTimeout = TimeSpan.MaxValue),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("GracefulShutdownTimeout"));
        Assert.That(
            () => TestWorker.Start<Named>(o => o.ReadyTimeout = TimeSpan.MaxValue),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("ReadyTimeout"));
    }
}
