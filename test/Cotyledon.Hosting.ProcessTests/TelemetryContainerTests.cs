using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The example Telemetry as in a container: probes over HTTP, settings in a mounted ConfigMap.</summary>
public partial class TelemetryContainerTests
{
    private const string Healthy = "200 Healthy: All workers are ready.";

    private readonly HttpClient _http = new() { Timeout = TestProgram.Limit };

    [OneTimeTearDown]
    public void Close() => _http.Dispose();

    [Test]
    public async Task Swap_of_the_config_map_adds_a_worker_and_invalid_settings_are_rejected()
    {
        await using var app = TelemetryProgram.Start(start => new ConfigMap(start.WorkingDirectory).Mount(Text(polling: 2)));
        await UntilAsync(app, "ready", Healthy);
        await app.UntilAsync(() => TelemetryProgram.Workers(app, "polling").Count == 2, "two workers");
        var before = Linux.ChildrenOf(app.ProcessId);
        await new ConfigMap(app.Directory).SwapAsync(Text(polling: 3));
        await app.UntilAsync(() => TelemetryProgram.Workers(app, "polling").Count == 3, "a third worker");
        var health = await UntilAsync(app, "ready", Healthy);
        Assert.That(health, Does.Contain("Services:polling: 3/3 ready"));

        var settings = new Settings(app.Directory);
        settings.Replace(Text(polling: 4, interval: "00:00:00"));
        await UntilAsync(app, "live", "200 Degraded: configuration rejected, the last valid one is in use: Telemetry:Interval is 00:00:00");
        settings.Replace(Text(polling: 3, level: "Debugg"));
        await UntilAsync(app, "ready", "200 Degraded: configuration rejected, the last valid one is in use: Failed to convert");
        settings.Replace(Text(polling: 3));
        await UntilAsync(app, "ready", Healthy);
        Assert.That(before, Is.SubsetOf(Linux.ChildrenOf(app.ProcessId)), "no worker was replaced");
        await app.StopAsync();
    }

    [Test]
    public async Task Probes_distinguish_starting_healthy_and_given_up()
    {
        await using var app = TelemetryProgram.Start(
            start => new Settings(start.WorkingDirectory).Write(Text(polling: 1, maxRestarts: 1)));
        var stopped = await StopOneAsync(app);
        await app.UntilAsync(
            () => ReadyWorkers(app).Except([stopped]).Any() && Linux.ChildrenOf(app.ProcessId).Except(ReadyWorkers(app)).All(w => w == stopped),
            "the other workers to be ready");
        if (ReadyWorkers(app).Contains(stopped))
        {
            // It was paused too late.
            await Probes_distinguish_starting_healthy_and_given_up();
            return;
        }

        await UntilAsync(app, "ready", "503 Unhealthy: not all services have been ready yet;");
        await UntilAsync(app, "live", "200 Degraded: not all services have been ready yet;");
        Linux.Send(stopped, Linux.Continue);
        await UntilAsync(app, "ready", Healthy);
        await UntilAsync(app, "live", Healthy);

        await app.UntilAsync(
            () =>
            {
                TelemetryProgram.Workers(app, "polling").ForEach(worker => Linux.Send(worker, Linux.Kill));
                return app.Output.Contains("polling(0) crashed too often", StringComparison.Ordinal);
            },
            "polling given up");
        foreach (var probe in (string[])["live", "ready"])
        {
            await UntilAsync(app, probe, "503 Unhealthy: polling: 0/1 ready, worker 0 was given up (Signaled, SIGKILL)");
        }

        await app.StopAsync();
    }

    [Test]
    public async Task Levels_follow_the_file_and_each_line_names_its_process()
    {
        await using var app = TelemetryProgram.Start(start => new Settings(start.WorkingDirectory).Write(Text(polling: 1)));
        await UntilAsync(app, "ready", Healthy);
        await app.UntilAsync(() => app.Output.Contains("samples so far: 2", StringComparison.Ordinal), "samples");
        Assert.That(app.Output, Does.Match(@"(?m) INF master \[\d+\] polling\(0\) \[\d+\] is ready\."));
        Assert.That(app.Output, Does.Match($@"(?m) INF master \[{app.ProcessId}\] Supervising "));
        Assert.That(app.Output, Does.Match($@"(?m) INF polling\(0\) \[{TelemetryProgram.Workers(app, "polling")[0]}\] .*samples so far"));
        Assert.That(app.Output, Does.Not.Contain("Enqueued"));
        new Settings(app.Directory).Replace(Text(polling: 1, level: "Debug"));
        await app.UntilAsync(() => app.Output.Contains("DBG polling(0)", StringComparison.Ordinal), "debug lines of a worker");
        await app.StopAsync();
    }

    private static string Text(int polling, string interval = "00:00:00.1", string level = "Information", int maxRestarts = 0) => $$"""
        {
          "Cotyledon": {
            "Services": { "polling": { "Workers": {{polling}}, "MaxRestarts": {{maxRestarts}}, "RestartBackoff": "00:00:00.05" } },
            "Queues": { "samples": { "Provider": "File", "MaxAttempts": null } }
          },
          "Telemetry": { "Interval": "{{interval}}", "ReportInterval": "00:00:01" },
          "Serilog": { "MinimumLevel": { "Default": "{{level}}", "Override": { "Microsoft.AspNetCore": "Warning" } } }
        }
        """;

    /// <summary>Pauses one of the first workers while its runtime starts, long before it can be ready.</summary>
    private static async Task<int> StopOneAsync(TestProgram app)
    {
        var started = 0;
        await app.UntilAsync(
            () => (started = Linux.ChildrenOf(app.ProcessId).FirstOrDefault(p => Linux.ThreadsOf(p) > 1)) > 0,
            "a worker that starts");
        Linux.Send(started, Linux.Stop);
        return started;
    }

    private static IEnumerable<int> ReadyWorkers(TestProgram app) =>
        ReadyWorker().Matches(app.Output).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));

    /// <summary>Probes until the answer, which is status code and text, begins with the given text.</summary>
    private async Task<string> UntilAsync(TestProgram app, string probe, string start)
    {
        await app.UntilAsync(() => Listening().IsMatch(app.Output), "the server");
        var url = new Uri($"{Listening().Match(app.Output).Groups[1].Value}/health/{probe}");
        var watch = Stopwatch.StartNew();
        string answer;
        do
        {
            using var response = await _http.GetAsync(url);
            answer = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
        }
        while (!answer.StartsWith(start, StringComparison.Ordinal) && watch.Elapsed < TestProgram.Limit);

        Assert.That(answer, Does.StartWith(start), app.Describe);
        return answer;
    }

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"\[(\d+)\] is ready\.")]
    private static partial Regex ReadyWorker();
}
