using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class MainThreadTests
{
    [Test]
    public void Thread_has_ended_when_it_is_a_background_thread_or_gone()
    {
        using var end = new ManualResetEventSlim();
        var thread = new Thread(() => end.Wait());
        thread.Start();
        Assert.That(MainThread.HasEnded(thread), Is.False);
        thread.IsBackground = true;
        Assert.That(MainThread.HasEnded(thread));
        end.Set();
        thread.Join();
        Assert.That(MainThread.HasEnded(thread));
    }
}
