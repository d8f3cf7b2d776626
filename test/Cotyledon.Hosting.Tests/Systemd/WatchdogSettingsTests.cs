using Cotyledon.Hosting.Systemd;

namespace Cotyledon.Hosting.Tests.Systemd;

internal sealed class WatchdogSettingsTests
{
    private const int Own = 4711;

    [TestCase("20000000", null, 20)]
    [TestCase("20000000", "", 20)]
    [TestCase("1", "4711", 0.000001)]
    public void The_watchdog_is_on_for_this_process_or_without_a_process_id(string time, string? process, double seconds)
    {
        Assert.That(WatchdogSettings.Parse(time, process, Own), Is.EqualTo(new WatchdogSettings(TimeSpan.FromSeconds(seconds))));
    }

    [TestCase(null, null)]
    [TestCase("", "4711")]
    [TestCase(null, "x")]
    [TestCase("20000000", "4712")]
    [TestCase("nonsense", "4712")]
    public void The_watchdog_is_off_without_a_time_or_for_another_process(string? time, string? process)
    {
        Assert.That(WatchdogSettings.Parse(time, process, Own), Is.EqualTo(new WatchdogSettings(Timeout: null)));
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase(" 1")]
    [TestCase("10s")]
    [TestCase("18446744073709551615")]
    [TestCase("99999999999999999999999")]
    public void An_invalid_time_is_ignored_with_a_warning(string time)
    {
        var settings = WatchdogSettings.Parse(time, $"{Own}", Own);

        Assert.That(settings.Timeout, Is.Null);
        Assert.That(settings.Warning, Does.StartWith($"WATCHDOG_USEC is '{time}'"));
    }

    [TestCase("0")]
    [TestCase("-4711")]
    [TestCase("me")]
    public void An_invalid_process_id_is_ignored_with_a_warning(string process)
    {
        var settings = WatchdogSettings.Parse("20000000", process, Own);

        Assert.That(settings.Timeout, Is.Null);
        Assert.That(settings.Warning, Does.StartWith($"WATCHDOG_PID is '{process}'"));
    }
}
