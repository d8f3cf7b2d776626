using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The systemd unit of the example parses and matches the program. Tested as text: not every machine has systemd.</summary>
public partial class TelemetryUnitTests
{
    private static readonly string Directory = Path.GetFullPath(Path.Combine(TestProgram.DirectoryOf("Telemetry"), "../../.."));

    private static readonly TimeSpan HookTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GracefulShutdownTimeout = TimeSpan.FromMinutes(1);

    private readonly ILookup<string, string> _settings = Parse(File.ReadAllLines(Path.Combine(Directory, "telemetry.service")));

    [TestCase("Type", "notify-reload")]
    [TestCase("KillMode", "mixed")]
    [TestCase("Restart", "on-failure")]
    [TestCase("OOMPolicy", "continue")]
    [TestCase("StateDirectory", "telemetry")]
    [TestCase("WantedBy", "multi-user.target")]
    public void Setting_is_present_once(string key, string value)
    {
        Assert.That(_settings[key], Is.EqualTo(new[] { value }));
    }

    [Test]
    public void Stop_timeout_of_the_unit_covers_the_longest_stop()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Directory, "appsettings.json")));
        var cotyledon = document.RootElement.GetProperty("Cotyledon");
        var services = cotyledon.GetProperty("Services").EnumerateObject().Select(s => Time(s.Value, GracefulShutdownTimeout.ToString()));
        var graceful = services.Append(Time(cotyledon, GracefulShutdownTimeout.ToString())).Max();
        var needed = Time(cotyledon, HookTimeout.ToString(), "HookTimeout") + graceful + TimeSpan.FromSeconds(15);

        Assert.That(Span(_settings["TimeoutStopSec"].Single()), Is.GreaterThanOrEqualTo(needed));

        static TimeSpan Time(JsonElement section, string otherwise, string key = nameof(GracefulShutdownTimeout)) =>
            DurationText.Parse(section.TryGetProperty(key, out var value) ? value.GetString()! : otherwise)!.Value;
    }

    [Test]
    public void Watchdog_timeout_is_at_least_ten_seconds() =>
        Assert.That(Span(_settings["WatchdogSec"].Single()), Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(10)));

    [Test]
    public void All_written_files_are_in_the_state_directory()
    {
        Assert.That(_settings["ProtectSystem"], Is.EqualTo(new[] { "strict" }));
        Assert.That(
            _settings["Environment"],
            Is.EqualTo(new[]
            {
                "Telemetry__Database=%S/telemetry/telemetry.db",
                "Cotyledon__Queues__samples__Path=%S/telemetry/samples.db",
            }));
    }

    [Test]
    public void Address_families_of_the_unit_allow_the_health_endpoint()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Directory, "appsettings.json")));

        Assert.That(document.RootElement.GetProperty("Urls").GetString(), Does.StartWith("http://127.0.0.1:"));
        Assert.That(_settings["RestrictAddressFamilies"].Single().Split(' '), Is.SupersetOf(new[] { "AF_UNIX", "AF_INET", "AF_INET6" }));
    }

    [Test]
    public void Unit_restricts_neither_the_jit_nor_proc()
    {
        foreach (var key in (string[])["MemoryDenyWriteExecute", "ProtectProc", "ProcSubset"])
        {
            Assert.That(_settings[key], Is.Empty, key);
        }
    }

    private static ILookup<string, string> Parse(IEnumerable<string> lines)
    {
        var settings = lines.Where(l => l.Length > 0 && l[0] is not ('#' or '[')).Select(l => l.Split('=', 2)).ToList();
        Assert.That(settings, Is.All.Length.EqualTo(2));
        Assert.That(lines.Where(l => l.StartsWith('[')), Is.EqualTo(new[] { "[Unit]", "[Service]", "[Install]" }));
        return settings.ToLookup(s => s[0], s => s[1]);
    }

    /// <summary>Parses the part of systemd.time(7) that the unit uses.</summary>
    private static TimeSpan Span(string text)
    {
        var match = SpanPattern().Match(text);
        Assert.That(match.Success, text);
        var number = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value == "s" ? TimeSpan.FromSeconds(number) : TimeSpan.FromMinutes(number);
    }

    [GeneratedRegex("^([0-9]+)(s|min)$")]
    private static partial Regex SpanPattern();
}
