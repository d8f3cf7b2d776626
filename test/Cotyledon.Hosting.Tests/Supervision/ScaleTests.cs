using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class ScaleTests
{
    private const int Many = 10_000;

    [Test]
    public void Ten_thousand_slots_are_filled_and_emptied()
    {
        var master = new Master(Poller with { Workers = 0 }) { ChecksInvariants = false };
        master.Start();

        master.Scale(Many, request: 1);
        master.Settle();
        Assert.That(master.Commands.Answers(), Has.Count.EqualTo(1));
        Assert.That((master.Service.Ready, master.Service.Unsettled, master.State.Starting), Is.EqualTo((Many, 0, 0)));
        Assert.That(master.HeldSlots(), Is.EqualTo(Enumerable.Range(0, Many)));

        master.Scale(0, request: 2);
        master.Settle();
        Assert.That(master.Commands.Answers(), Has.Count.EqualTo(1));
        Assert.That((master.Service.Ready, master.Service.Unsettled), Is.EqualTo((0, 0)));
        Assert.That(master.State.Processes, Is.Empty);
    }

    [Test]
    public void Ten_thousand_workers_stop()
    {
        var master = new Master(Poller with { Workers = Many }) { ChecksInvariants = false };
        master.StartAndSettle();

        master.Stop();
        master.HooksCompleted();
        master.Settle();

        Assert.That(master.Commands.End()?.ExitCode, Is.Zero);
    }

    [Test]
    public void Ten_thousand_workers_that_ignore_the_stop_are_killed()
    {
        var master = new Master(Poller with { Workers = Many }) { ChecksInvariants = false };
        master.StartAndSettle();

        master.Stop();
        master.HooksCompleted();
        Assert.That(master.AdvanceToNextDeadline().KilledSpawns(), Has.Count.EqualTo(Many));
        master.Settle();

        Assert.That(master.Commands.End()?.ExitCode, Is.EqualTo(1));
    }
}
