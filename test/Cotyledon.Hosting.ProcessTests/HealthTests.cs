using Cotyledon.Hosting.Queues.Nats.Tests;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The health checks while a fault lasts and after it.</summary>
public class HealthTests
{
    private const string Telemetry = "--Telemetry=true";

    [Test, Category("Aot")]
    public async Task Service_that_was_given_up_is_unhealthy_until_it_is_resized_to_zero()
    {
        await using var app = TestProgram.Start(
            Telemetry, "--Shaky", "1", "--Script:shaky:Run", "throw", "--Cotyledon:Services:shaky:MaxRestarts", "1",
            "--Cotyledon:Services:shaky:RestartBackoff", "00:00:00.05");
        await app.WaitForAllReadyAsync();
        foreach (var check in (string[])["cotyledon-live", "cotyledon-ready"])
        {
            var health = await UntilAsync(app, check, "Unhealthy | shaky: 0/1 ready, worker 0 was given up (Faulted, exit code 2) | ");
            Assert.That(health, Does.Contain("| Services:heavy: 2/2 ready; Ready 2 |").And.Contain(
                "| Services:shaky: 0/1 ready; GivenUp 1; last exit: worker 0, Faulted, exit code 2"));
        }

        app.Command("resize shaky 0");
        await UntilAsync(app, "cotyledon-ready", "Healthy | All workers are ready. | ");
        await app.StopAsync();
    }

    [Test]
    public async Task Worker_in_back_off_degrades_health_until_it_is_ready()
    {
        await using var app = TestProgram.Start(Telemetry, "--Light", "-1", "--Cotyledon:Services:heavy:RestartBackoff", "00:00:20");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        for (var incarnation = 1; incarnation <= 2; incarnation++)
        {
            Linux.Send(await app.WaitForReadyAsync("heavy", 1, incarnation), Linux.Kill);
        }

        await UntilAsync(app, "cotyledon-live", "Degraded | heavy: 1/2 ready, worker 1 waits for its restart (Signaled, SIGKILL) | ");
        app.Command("resize heavy 2");
        await UntilAsync(app, "cotyledon-live", "Healthy | ");
        await app.StopAsync();
    }

    [Test]
    public async Task Worker_that_cannot_start_is_unhealthy_until_a_start_succeeds()
    {
        await using var app = Settings.Start(
            Settings.Text("one", heavy: 1, more: "\"Script\": { \"heavy\": { \"Constructor\": \"throw\" } },"), Telemetry, "--Light", "-1",
            "--Cotyledon:Services:heavy:RestartBackoff", "00:00:00.5", "--Cotyledon:Services:heavy:MaxRestartBackoff", "00:00:00.5");
        await UntilAsync(app, "cotyledon-live", "Unhealthy | heavy: 0/1 ready, worker 0 failed to start ");
        new Settings(app.Directory).Write(Settings.Text("one", heavy: 1));
        await UntilAsync(app, "cotyledon-ready", "Healthy | ");
        await app.StopAsync();
    }

    [Test]
    public async Task Invalid_file_degrades_health_until_it_is_corrected()
    {
        await using var app = Settings.Start(Settings.Text("one", heavy: 1), Telemetry, "--Light=-1");
        await app.WaitForReadyAsync("heavy", 0);
        await UntilAsync(app, "cotyledon-ready", "Healthy | ");
        new Settings(app.Directory).Write(Settings.Text("one", heavy: -1));
        var health = await UntilAsync(app, "cotyledon-ready", "Degraded | configuration rejected, the last valid one is in use: ");
        Assert.That(health, Does.Contain("Configuration: Cotyledon:Services:heavy:Workers is -1 in appsettings.json"));
        new Settings(app.Directory).Write(Settings.Text("one", heavy: 1));
        await UntilAsync(app, "cotyledon-ready", "Healthy | ");
        await app.StopAsync();
    }

    [Test]
    public async Task Program_is_not_ready_before_its_workers_are_ready_and_while_it_stops()
    {
        await using var app = TestProgram.Start(
            Telemetry, "--Script:heavy:Constructor", "gate", "--Script:Hooks:Terminate", "hang", "--Cotyledon:HookTimeout", "00:00:30");
        await UntilAsync(app, "cotyledon-ready", "Unhealthy | not all services have been ready yet; ");
        await UntilAsync(app, "cotyledon-live", "Degraded | not all services have been ready yet; ");
        File.WriteAllText(Path.Combine(app.Directory, "gate"), "");
        await app.WaitForAllReadyAsync();
        await UntilAsync(app, "cotyledon-ready", "Healthy | ");
        await UntilAsync(app, "cotyledon-live", "Healthy | ");
        app.Signal(Linux.Terminate);
        await UntilAsync(app, "cotyledon-ready", "Unhealthy | the program is stopping | ");
        await UntilAsync(app, "cotyledon-live", "Degraded | the program is stopping | ");
    }

    [Test]
    public async Task Queue_whose_server_is_down_degrades_health_until_it_is_back()
    {
        await using var server = await NatsServer.StartNewAsync();
        await using var app = TestProgram.Start(
            Telemetry, "--Heavy", "-1", "--Light", "-1", "--Consumers", "1",
            "--Cotyledon:Queues:work:Provider", "Nats", "--Cotyledon:Queues:work:Url", server.Url);
        await app.WaitForReadyAsync("consumer", 0);
        await UntilAsync(app, "cotyledon-ready", "Healthy | ");
        server.Kill();
        var health = await UntilAsync(app, "cotyledon-ready", "Degraded | queue 'work': ");
        Assert.That(health, Does.Contain(" | Queues:work: "));
        await server.StartAsync();
        await UntilAsync(app, "cotyledon-ready", "Healthy | ");
        await app.StopAsync();
    }

    /// <summary>Requests the health until it begins with the given text.</summary>
    private static async Task<string> UntilAsync(TestProgram app, string check, string start)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        string health;
        do
        {
            var asked = app.Trace.Count(t => t.Is(check));
            app.Command("health");
            health = (await app.WaitForAsync(asked + 1, check))[^1].Detail;
        }
        while (!health.StartsWith(start, StringComparison.Ordinal) && watch.Elapsed < TestProgram.Limit);

        Assert.That(health, Does.StartWith(start), app.Describe);
        return health;
    }
}
