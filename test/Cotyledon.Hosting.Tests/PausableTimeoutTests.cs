using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests;

internal sealed class PausableTimeoutTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();

    [Test]
    public void Callback_that_throws_does_not_fail_the_timer()
    {
        using var source = new CancellationTokenSource();
        source.Token.Register(() => throw new NotSupportedException());
        using var timeout = PausableTimeout.TryStart(source, Second, _clock);

        Assert.That(() => _clock.Advance(Second), Throws.Nothing);
        Assert.That(source.IsCancellationRequested);
    }

    [Test]
    public void Source_that_is_disposed_first_does_not_fail_the_timer()
    {
        var source = new CancellationTokenSource();
        using var timeout = PausableTimeout.TryStart(source, Second, _clock);
        source.Dispose();

        Assert.That(() => _clock.Advance(Second), Throws.Nothing);
    }
}
