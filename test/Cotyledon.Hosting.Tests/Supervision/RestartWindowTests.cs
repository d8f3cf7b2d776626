using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class RestartWindowTests
{
    private readonly TimeSpan _window = TimeSpan.FromSeconds(60);

    [TestCase(2, new[] { 0.0, 1, 2 }, new[] { false, false, true })]
    [TestCase(1, new[] { 0.0, 60, 120 }, new[] { false, true, true }, Description = "the window includes its end")]
    [TestCase(1, new[] { 0.0, 60.1, 120.2 }, new[] { false, false, false })]
    [TestCase(2, new[] { 0.0, 50, 61, 100 }, new[] { false, false, false, true }, Description = "the window slides")]
    [TestCase(null, new[] { 0.0, 0, 0, 0 }, new[] { false, false, false, false }, Description = "no limit")]
    [TestCase(0, new[] { 0.0, 100 }, new[] { true, true }, Description = "none is allowed")]
    public void The_crash_after_the_allowed_number_is_too_much(int? max, double[] crashes, bool[] expected)
    {
        var window = new RestartWindow();

        var answers = crashes.Select(c => window.AddCrash(TimeSpan.FromSeconds(c), max, _window)).ToArray();

        Assert.That(answers, Is.EqualTo(expected));
    }

    [Test]
    public void A_cleared_window_contains_no_crashes()
    {
        var window = new RestartWindow();
        window.AddCrash(TimeSpan.Zero, 1, _window);

        window.Clear();

        Assert.That(window.AddCrash(TimeSpan.Zero, 1, _window), Is.False);
    }
}
