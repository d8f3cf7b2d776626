using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>A settings file of two megabytes with ten thousand keys.</summary>
public class LargeConfigurationTests
{
    [Test]
    [Category("Aot")]
    public async Task Ten_thousand_keys_and_their_changes_reach_every_worker()
    {
        await using var app = Settings.Start(Settings.Text("one", more: Many("first")), "--Light", "-1", "--Cotyledon:LogOptions", "false");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        new Settings(app.Directory).Write(Settings.Text("two", more: Many("second")));
        Assert.That((await app.WaitForAsync(2, "reload", "heavy")).Select(r => r.Detail), Is.All.EqualTo("two+second"));
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        Assert.That((await app.WaitForAsync("init", "heavy", 0, 2)).Detail, Is.EqualTo("two+second"));
        await app.StopAsync();
    }

    /// <summary>All versions have the same length, so that the beginning of one and the end of another are valid JSON.</summary>
    [Test]
    public async Task Workers_see_a_complete_version_of_a_large_file_written_while_it_is_read()
    {
        const int last = 29;
        await using var app = Settings.Start(Version(10), "--Light", "-1", "--Cotyledon:LogOptions", "false");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        for (var version = 11; version <= last; version++)
        {
            new Settings(app.Directory).Write(Version(version));
            app.Signal(Linux.Hangup);
        }

        await app.UntilAsync(
            () => app.Trace.Count(t => t.Is("reload", "heavy") && t.Detail == $"{last}+{last}") >= 2, "the last version in both workers");
        await app.StopAsync();
        Assert.That(
            app.Trace.Where(t => t.Is("reload", "heavy")).Select(t => t.Detail),
            Is.All.AnyOf([.. Enumerable.Range(10, last).Select(version => $"{version}+{version}")]));

        static string Version(int version) => Settings.Text($"{version}", more: Many($"{version}"));
    }

    private static string Many(string value)
    {
        var text = new StringBuilder("\"Many\": {");
        for (var i = 0; i < 10_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"Key{i}\": \"{new string('x', 200)}\",");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\"Last\": \"\" }}, \"Extra\": \"{value}\",").ToString();
    }
}
