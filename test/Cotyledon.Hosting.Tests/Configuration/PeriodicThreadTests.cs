using Cotyledon.Hosting.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class PeriodicThreadTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Test]
    public void Calls_the_method_repeatedly_on_its_own_background_thread()
    {
        using var calls = new CountdownEvent(3);
        Thread? caller = null;
        using var periodic = new PeriodicThread(TimeSpan.FromMilliseconds(1), "test", () =>
        {
            caller = Thread.CurrentThread;
            _ = calls.IsSet || calls.Signal();
        });

        Assert.That(calls.Wait(Limit));
        Assert.That((caller!.Name, caller.IsBackground, caller.IsThreadPoolThread), Is.EqualTo(("test", true, false)));
    }

    [Test]
    public void Dispose_ends_the_thread_and_does_not_wait_for_a_running_call()
    {
        using var isRunning = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        Thread? caller = null;
        var calls = 0;
        var periodic = new PeriodicThread(TimeSpan.FromMilliseconds(1), "test", () =>
        {
            (caller, calls) = (Thread.CurrentThread, calls + 1);
            isRunning.Set();
            release.Wait(Limit);
        });
        Assert.That(isRunning.Wait(Limit));

        periodic.Dispose();
        release.Set();

        Assert.That(caller!.Join(Limit));
        Assert.That(calls, Is.EqualTo(1), "one call at a time, and none after the disposal");
    }
}
