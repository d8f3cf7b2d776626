using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Environment, nice value and garbage collector limits of one service.</summary>
public class StartSettingsTests
{
    [Test]
    public async Task Environment_and_nice_value_of_a_service_apply_to_its_workers_only()
    {
        await using var app = TestProgram.Start(
            start =>
            {
                start.Environment["GIVEN"] = "to the master";
                start.Environment["TAKEN"] = "away";
                File.WriteAllText(
                    Path.Combine(start.WorkingDirectory, "appsettings.json"),
                    """
                    { "Cotyledon": { "Services": { "heavy": { "Nice": 7, "Environment": { "OWN": "a=b c", "GIVEN": "", "TAKEN": null } } } } }
                    """);
            });
        await app.WaitForAllReadyAsync();
        var heavy = await app.WaitForReadyAsync("heavy", 0);
        var light = await app.WaitForReadyAsync("light", 0);

        var own = Linux.EnvironmentOf(heavy);
        Assert.That((own["OWN"], own["GIVEN"], own.ContainsKey("TAKEN")), Is.EqualTo(("a=b c", "", false)));
        Assert.That(Linux.NiceValuesOf(heavy), Is.EqualTo(new[] { 7 }), "each of its threads");
        var inherited = Linux.EnvironmentOf(light);
        Assert.That((inherited["GIVEN"], inherited["TAKEN"]), Is.EqualTo(("to the master", "away")));
        Assert.That(Linux.NiceValuesOf(light).Concat(Linux.NiceValuesOf(app.ProcessId)).Distinct(), Is.EqualTo(new[] { 0 }));
        await app.StopAsync();
    }

    [Test, Category("Aot")]
    public async Task Garbage_collector_heap_of_a_service_can_be_limited()
    {
        await using var app = TestProgram.Start(
            "--Heavy", "1", "--Script:heavy:Run", "limit wait", "--Script:light:Run", "limit",
            "--Cotyledon:Services:heavy:Environment:DOTNET_GCHeapHardLimit", "8000000");
        var heavy = long.Parse((await app.WaitForAsync("limit", "heavy")).Detail, CultureInfo.InvariantCulture);
        var light = long.Parse((await app.WaitForAsync("limit", "light")).Detail, CultureInfo.InvariantCulture);

        Assert.That((heavy, light > heavy), Is.EqualTo((0x8000000L, true)));
        await app.StopAsync();
    }

    [Test]
    public async Task Changed_start_settings_replace_the_workers_of_that_service()
    {
        await using var app = Settings.Start(Settings.Text("a"));
        await app.WaitForAllReadyAsync();
        new Settings(app.Directory).Replace(Settings.Text("a").Replace(
            "\"Workers\": 2", "\"Workers\": 2, \"Nice\": 3", StringComparison.Ordinal));

        var (first, second) = (
            await app.WaitForReadyAsync("heavy", 0, incarnation: 2), await app.WaitForReadyAsync("heavy", 1, incarnation: 2));
        Assert.That(Linux.NiceValuesOf(first).Concat(Linux.NiceValuesOf(second)).Distinct(), Is.EqualTo(new[] { 3 }));
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("hook-dead", "light")), Is.EqualTo(1), "only at the stop");
    }

    [Test]
    public async Task Refused_nice_value_is_a_failed_start_with_an_explanation()
    {
        await using var app = TestProgram.StartAs(
            "/usr/bin/setpriv",
            _ => { },
            "--bounding-set=-sys_nice", "--inh-caps=-all", "--ambient-caps=-all",
            TestProgram.Executable, "--Heavy", "1", "--Cotyledon:Services:heavy:Nice", "-5");
        await app.WaitForReadyAsync("light", 0);

        Assert.That(
            (await app.WaitForAsync("hook-dead", "heavy", 0)).Detail,
            Does.StartWith("StartFailed").And.Contain("Cannot set the nice value -5: ").And.Contain("CAP_SYS_NICE"));
        await app.StopAsync();
    }
}
