namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The settings file at the start of the program.</summary>
public class ConfigurationTests
{
    [Test]
    public async Task File_overrides_the_worker_counts_in_code()
    {
        await using var app = StartWith("""{ "Cotyledon": { "Services": { "heavy": { "Workers": 3 } } } }""");
        await app.WaitForReadyAsync("heavy", 2);
        await app.WaitForReadyAsync("light", 0);
        Assert.That(Linux.ChildrenOf(app.ProcessId), Has.Count.EqualTo(4));
        await app.StopAsync();
    }

    [TestCase("\"Workers\": -1", "Cotyledon:Services:heavy:Workers is -1 in appsettings.json; it must be from 0 to 10000.")]
    [TestCase("\"Workers\": \"abc\"", "Cotyledon:Services:heavy:Workers is 'abc' in appsettings.json; it must be a whole number.")]
    [TestCase("\"Workers\": null", "Cotyledon:Services:heavy:Workers is null in appsettings.json; it must be a whole number.")]
    [TestCase("\"ReadyTimeout\": 60", "Cotyledon:Services:heavy:ReadyTimeout is '60' in appsettings.json; it must be a duration with a unit")]
    public async Task Invalid_value_is_reported_and_no_worker_is_started(string entry, string message)
    {
        await using var app = StartWith($$"""{ "Cotyledon": { "Services": { "heavy": { {{entry}} } } } }""");
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await app.UntilAsync(() => app.Output.Contains(message), message);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("main-worker")), Is.Zero);
    }

    [Test]
    public async Task Unknown_keys_log_a_warning()
    {
        await using var app = StartWith("""{ "Cotyledon": { "Servces": {}, "Services": { "heavvy": {}, "light": { "Wrokers": 2 } } } }""");
        await app.WaitForAllReadyAsync();
        await app.StopAsync();
        Assert.That(app.Output, Does.Contain("Cotyledon:Servces is not a known setting of Cotyledon.Hosting"));
        Assert.That(app.Output, Does.Contain("no service 'heavvy' is registered. Registered services: heavy, light."));
        Assert.That(app.Output, Does.Contain("Cotyledon:Services:light:Wrokers is not a known setting of a service"));
    }

    private static TestProgram StartWith(string settings) =>
        TestProgram.Start(start => File.WriteAllText(Path.Combine(start.WorkingDirectory, "appsettings.json"), settings));
}
