using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The example OsloMigration behaves as the document from which it was translated states.</summary>
public partial class OsloMigrationTests
{
    private const string FancyName = "MyService fancy name that will showup in 'ps xaf'";
    private const string SecondService = "Second Service";
    private const string ThirdService = "MyThirdService";
    private const string PeriodicTask = "MyPeriodicTask";
    private const string Calendar = "Calendar";

    [Test]
    public async Task Process_titles_are_those_of_the_document()
    {
        await using var app = await StartAsync();
        Assert.That(Linux.TitleOf(app.ProcessId), Does.StartWith("OsloMigration: master process [").And.EndWith("/OsloMigration]"));
        string[] titles =
        [
            $"OsloMigration: {PeriodicTask} worker(0)",
            $"OsloMigration: {FancyName} worker(0)",
            $"OsloMigration: {FancyName} worker(1)",
            $"OsloMigration: {ThirdService} worker(0)",
            $"OsloMigration: {ThirdService} worker(1)",
            $"OsloMigration: {SecondService} worker(0)",
        ];
        await app.UntilAsync(
            () => Linux.ChildrenOf(app.ProcessId).Select(Linux.TitleOf).Order(StringComparer.Ordinal).SequenceEqual(titles),
            string.Join(", ", titles));
        await app.StopAsync();
    }

    [Test]
    public async Task Tasks_of_the_master_are_completed_by_all_workers_of_the_first_service()
    {
        await using var app = await StartAsync();
        await app.UntilAsync(
            () => Tasks(app).Count >= 20 && Tasks(app).Select(t => t.Worker).Distinct().Count() == 2, "tasks done by both workers");
        await app.StopAsync();
        var numbers = Tasks(app).Select(t => t.Number).ToList();
        Assert.That(numbers, Is.Unique, "no worker exited, so no task was delivered twice");
        Assert.That(numbers, Is.SupersetOf(Enumerable.Range(1, 10)));
    }

    [Test]
    public async Task Reload_is_in_place_with_a_reload_method_and_by_replacement_without()
    {
        await using var app = await StartAsync();
        var first = await WorkersAsync(app, FancyName, 2);
        var second = await WorkersAsync(app, SecondService, 1);
        var third = await WorkersAsync(app, ThirdService, 2);
        var periodic = await WorkersAsync(app, PeriodicTask, 1);

        await ReloadAsync(app, settings =>
        {
            settings["OsloMigration"]!["Greeting"] = "Good-day";
            settings["OsloMigration"]!["Period"] = "00:00:00.05";
        });

        await UntilSaidAsync(app, "Worker 0 reloads; says Good-day now.");
        await UntilSaidAsync(app, "Worker 1 reloads; says Good-day now.");
        await app.UntilAsync(() => Tasks(app).Any(t => t.Greeting == "Good-day"), "a task with the new greeting");
        await UntilSaidAsync(app, "Runs every 00:00:00.0500000 now.");
        Assert.That(await WorkersAsync(app, FancyName, 2), Is.EqualTo(first));
        Assert.That(await WorkersAsync(app, PeriodicTask, 1), Is.EqualTo(periodic));
        Assert.That((await WorkersAsync(app, SecondService, 1)).Values, Has.No.AnyOf(second.Values));
        Assert.That((await WorkersAsync(app, ThirdService, 2)).Values, Has.No.AnyOf(third.Values));
        await app.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Reload_changes_the_number_of_the_other_workers()
    {
        await using var app = await StartAsync();
        foreach (var workers in (int[])[3, 0, 1])
        {
            await ReloadAsync(app, settings => settings["OsloMigration"]!["OtherWorkers"] = workers);
            await UntilSaidAsync(app, $"Master has reloaded; Second Service has {workers} workers.");
            await WorkersAsync(app, SecondService, workers);
        }

        await app.StopAsync();
        Assert.That(app.Output, Does.Not.Contain("OnReloadAsync"), "no hook has failed or timed out");
    }

    [Test]
    public async Task Hook_overrides_the_worker_count_of_the_file_at_each_reload()
    {
        await using var app = await StartAsync(settings => settings["Cotyledon"]!["ReloadOnChange"] = true);
        Change(app.Directory, settings =>
            settings["Cotyledon"]!["Services"]![SecondService] = new JsonObject { ["Workers"] = 3 });
        await WorkersAsync(app, SecondService, 3);
        app.Signal(Linux.Hangup);
        await UntilSaidAsync(app, "Master has reloaded; Second Service has 1 workers.");
        await WorkersAsync(app, SecondService, 1);
        await app.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task An_edit_and_a_signal_are_two_reloads()
    {
        await using var app = await StartAsync(settings => settings["Cotyledon"]!["ReloadOnChange"] = true);
        Change(app.Directory, settings => settings["OsloMigration"]!["Greeting"] = "Good-day");
        await app.UntilAsync(() => TimesOf(app, "Reloaded MyService fancy name").Count == 1, "the reload for the edit");
        app.Signal(Linux.Hangup);
        await app.UntilAsync(() => TimesOf(app, "Reloaded MyService fancy name").Count == 2, "the reload for the signal");
        await app.StopAsync();
    }

    [Test]
    public async Task Master_starts_first_exits_last_and_runs_its_hook_before_workers_exit()
    {
        await using var app = await StartAsync();
        await app.UntilAsync(() => Tasks(app).Count > 0, "a task done");
        await app.StopAsync();
        await UntilSaidAsync(app, $"Master {app.ProcessId} stops.");

        var begin = TimesOf(app, $"Master {app.ProcessId} starts.").Single();
        var terminate = TimesOf(app, "Master terminates.").Single();
        var end = TimesOf(app, $"Master {app.ProcessId} stops.").Single();
        Assert.Multiple(() =>
        {
            Assert.That(TimesOf(app, "New: "), Has.Count.EqualTo(6).And.All.AtLeast(begin));
            Assert.That(TimesOf(app, "terminates; tasks done"), Has.Count.EqualTo(2).And.All.InRange(terminate, end));
            Assert.That(TimesOf(app, "Dead: "), Has.Count.EqualTo(6).And.All.InRange(terminate, end));
        });
    }

    [Test]
    public async Task Worker_sent_sigterm_terminates_gracefully_and_is_replaced()
    {
        await using var app = await StartAsync();
        var before = await WorkersAsync(app, FancyName, 2);
        Linux.Send(before[1], Linux.Terminate);
        await app.UntilAsync(
            () => Workers(app, FancyName) is { Count: 2 } now && now[0].Id == 0 && now[1].Id == 1 && now[1].ProcessId != before[1],
            "another worker 1");
        await UntilSaidAsync(app, "Worker 1 terminates; tasks done");
        Assert.That((await WorkersAsync(app, FancyName, 2))[0], Is.EqualTo(before[0]));
        await app.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Periodic_task_runs_repeatedly()
    {
        await using var app = await StartAsync();
        await UntilSaidAsync(app, "MyPeriodicTask[0] Run 3.");
        await app.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Calendar_runs_only_after_it_gets_a_worker()
    {
        await using var app = await StartAsync(settings => settings["OsloMigration"]!["Calendar"] = "* * * * * ?");
        Assert.That(Workers(app, Calendar), Is.Empty);
        await ReloadAsync(app, settings => settings["Cotyledon"]!["Services"]![Calendar]!["Workers"] = 1);
        await WorkersAsync(app, Calendar, 1);
        await app.UntilAsync(() => TimesOf(app, "It is ").Count >= 2, "two seconds of the calendar");
        await app.StopAsync();
    }

    [Test]
    public async Task In_process_workers_reload_as_worker_processes_do()
    {
        await using var app = await StartAsync(settings => settings["Cotyledon"]!["Mode"] = "InProcess");
        await ReloadAsync(app, settings => settings["OsloMigration"]!["OtherWorkers"] = 3);
        await UntilSaidAsync(app, "Master has reloaded; Second Service has 3 workers.");
        Assert.That(app.Processes(), Is.EqualTo(new[] { app.ProcessId }));
        await app.StopAsync();
    }

    [TestCase("OtherWorkers", "-1")]
    [TestCase("Period", "00:00:00")]
    [TestCase("Calendar", "sometimes")]
    public async Task Invalid_option_is_named_and_no_worker_is_started(string key, string value)
    {
        await using var app = Start(settings => settings["OsloMigration"]![key] = value);
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero);
        await UntilSaidAsync(app, $"OsloMigration:{key} is {value}; it must be ");
        Assert.That(app.Output, Does.Not.Contain("New: "));
    }

    internal static async Task<TestProgram> StartAsync(Action<JsonNode>? change = null)
    {
        var app = Start(change);
        await UntilSaidAsync(app, "All workers are ready.");
        return app;
    }

    /// <summary>Changes the file and then reloads by a signal.</summary>
    private static async Task ReloadAsync(TestProgram app, Action<JsonNode> change)
    {
        var before = TimesOf(app, "Reloaded MyService fancy name").Count;
        Change(app.Directory, change);
        app.Signal(Linux.Hangup);
        await app.UntilAsync(() => TimesOf(app, "Reloaded MyService fancy name").Count > before, "the reload done");
    }

    internal static void Change(string directory, Action<JsonNode> change)
    {
        var file = new Settings(directory);
        var settings = JsonNode.Parse(File.ReadAllText(file.File))!;
        change(settings);
        file.Replace(settings.ToJsonString());
    }

    /// <summary>Waits until the service has this number of workers, with ids from 0 on, and returns their processes.</summary>
    internal static async Task<IReadOnlyDictionary<int, int>> WorkersAsync(TestProgram app, string service, int count)
    {
        IReadOnlyList<(int Id, int ProcessId)> workers = [];
        await app.UntilAsync(
            () => (workers = Workers(app, service)).Select(w => w.Id).SequenceEqual(Enumerable.Range(0, count)),
            $"{count} x {service}");
        return workers.ToDictionary(w => w.Id, w => w.ProcessId);
    }

    internal static Task UntilSaidAsync(TestProgram app, string text) =>
        app.UntilAsync(() => app.Output.Contains(text, StringComparison.Ordinal), text);

    /// <summary>With shorter intervals and times in the log. Only SIGHUP reloads, as in the document.</summary>
    private static TestProgram Start(Action<JsonNode>? change)
    {
        var build = TestProgram.DirectoryOf("OsloMigration");
        return TestProgram.StartAs(Path.Combine(build, "OsloMigration"), start =>
        {
            File.Copy(Path.Combine(build, "appsettings.json"), Path.Combine(start.WorkingDirectory, "appsettings.json"));
            Change(start.WorkingDirectory, settings =>
            {
                settings["OsloMigration"]!["TaskInterval"] = "00:00:00.02";
                settings["OsloMigration"]!["Period"] = "00:00:00.02";
                settings["Cotyledon"]!["ReloadOnChange"] = false;
                settings["Logging"]!["Console"]!["FormatterOptions"]!["TimestampFormat"] = "yyyy-MM-ddTHH:mm:ss.ffffff ";
                change?.Invoke(settings);
            });
        });
    }

    private static IReadOnlyList<(int Id, int ProcessId)> Workers(TestProgram app, string service) =>
        [.. Linux.ChildrenOf(app.ProcessId)
            .Select(process => (Process: process, Title: TitleOfWorker().Match(Linux.TitleOf(process))))
            .Where(w => w.Title.Groups[1].Value == service)
            .Select(w => (int.Parse(w.Title.Groups[2].Value, CultureInfo.InvariantCulture), w.Process))
            .Order()];

    private static IReadOnlyList<(int Worker, string Greeting, int Number)> Tasks(TestProgram app) =>
        [.. TaskInLine().Matches(app.Output).Select(m => (
            int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture),
            m.Groups[2].Value,
            int.Parse(m.Groups[3].Value, CultureInfo.InvariantCulture)))];

    /// <summary>The times of log lines with this text. Processes write their lines later, so the order of lines proves nothing.</summary>
    private static IReadOnlyList<DateTime> TimesOf(TestProgram app, string text) =>
        [.. Regex.Matches(app.Output, $@"(\d{{4}}-\S+) info: \S+ [^\n]*?{Regex.Escape(text)}")
            .Select(m => DateTime.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"^OsloMigration: (.+) worker\((\d+)\)$")]
    private static partial Regex TitleOfWorker();

    [GeneratedRegex(@"Worker (\d+) says (\S+) to task (\d+)\.")]
    private static partial Regex TaskInLine();
}
