using Cotyledon.Hosting.Master;

namespace Cotyledon.Hosting.Tests.Master;

internal sealed class ProcessReservationTests
{
    private readonly ProcessReservation _reservation = new();
    private readonly object _first = new();
    private readonly object _second = new();

    [Test]
    public void The_reservation_has_one_holder_at_a_time()
    {
        Assert.That(_reservation.TryTake(_first));
        Assert.That(_reservation.TryTake(_first), "again");
        Assert.That(_reservation.TryTake(_second), Is.False);

        _reservation.Release(_second);
        Assert.That((_reservation.IsHeldBy(_first), _reservation.IsHeldBy(_second)), Is.EqualTo((true, false)));

        _reservation.Release(_first);
        Assert.That(_reservation.IsHeldBy(_first), Is.False);
        Assert.That(_reservation.TryTake(_second));
    }
}
