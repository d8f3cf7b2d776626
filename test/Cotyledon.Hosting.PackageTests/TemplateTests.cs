using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cotyledon.Hosting.ProcessTests.Windows;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>The program that the template creates.</summary>
[Category("Long")]
public partial class TemplateTests
{
    private string _program = "";

    [OneTimeSetUp]
    public async Task CreateAsync()
    {
        var directory = Workplace.NewDirectory();
        await Workplace.RunAsync(directory, Readme.TemplateCommands);
        _program = Directory.GetDirectories(directory).Single();
    }

    [Test]
    public async Task The_program_builds_and_its_test_passes_and_its_settings_refer_to_the_schema()
    {
        Assert.That(await Workplace.RunAsync(_program, "dotnet test -warnaserror"), Does.Match(@"Passed:\s+1,"));

        var project = Path.Combine(_program, "src/MyApp");
        using var settings = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(project, "appsettings.json")));
        var schema = Path.Combine(project, settings.RootElement.GetProperty("$schema").GetString()!);
        using var package = Package.Open("Cotyledon.Hosting");
        Assert.That(await File.ReadAllBytesAsync(schema), Is.EqualTo(package.Read("ConfigurationSchema.json")));
        Assert.That(
            await Workplace.RunAsync(project, "dotnet msbuild -getItem:JsonSchemaSegment"), Does.Contain("ConfigurationSchema.json"));
    }

    [Test]
    public async Task The_program_built_by_the_Dockerfile_runs_rejects_an_invalid_interval_reloads_and_stops()
    {
        var docker = new Dockerfile(_program, Workplace.NewDirectory());
        await docker.BuildAsync();

        await using var app = RunningProgram.Start(docker.WorkDirectory, "MyApp", "Worker", docker.EntryPoint);
        var workers = await app.WaitForTwoWorkersAsync();
        var settings = Path.Combine(docker.WorkDirectory, "appsettings.json");
        var text = await File.ReadAllTextAsync(settings);
        await File.WriteAllTextAsync(settings, text.Replace("00:00:05", "10s", StringComparison.Ordinal));
        app.Reload();
        await app.UntilAsync(() => RejectedInterval().IsMatch(app.Output), "the rejection of the interval");

        await File.WriteAllTextAsync(settings, text.Replace("00:00:05", "00:00:01", StringComparison.Ordinal));
        app.Reload();
        await app.UntilAsync(() => NewInterval().Count(app.Output) >= 2, "both workers with the new interval");

        Assert.That(await app.WaitForTwoWorkersAsync(), Is.EqualTo(workers));
        await app.StopAsync();
    }

    /// <summary>The program for Windows, under Wine.</summary>
    [Test]
    public async Task The_program_published_for_Windows_runs_reloads_and_stops_at_ctrl_c()
    {
        if (Wine.Missing is { } missing)
        {
            Assert.Ignore(missing);
        }

        var published = Workplace.NewDirectory();
        await Workplace.RunAsync(_program, $"dotnet publish src/MyApp -c Release -r win-x64 --self-contained -o '{published}'");
        Wine.Boot();
        try
        {
            await RunUnderWineAsync(published);
        }
        finally
        {
            Wine.End();
        }
    }

    [Test]
    public async Task The_systemd_unit_starts_the_program_and_its_stop_timeout_exceeds_that_of_the_settings()
    {
        var unit = (await File.ReadAllLinesAsync(Path.Combine(_program, "myapp.service")))
            .Where(line => line.Contains('=', StringComparison.Ordinal) && line[0] != '#')
            .ToDictionary(line => line.Split('=')[0], line => line.Split('=')[1]);
        using var settings = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_program, "src/MyApp/appsettings.json")));
        var timeout = settings.RootElement.GetProperty("Cotyledon").GetProperty("GracefulShutdownTimeout").GetString()!;

        Assert.Multiple(() =>
        {
            Assert.That((unit["Type"], unit["KillMode"]), Is.EqualTo(("notify-reload", "mixed")));
            Assert.That(unit["ExecStart"], Is.EqualTo($"{unit["WorkingDirectory"]}/MyApp"));
            Assert.That(
                TimeSpan.FromSeconds(int.Parse(unit["TimeoutStopSec"], CultureInfo.InvariantCulture)),
                Is.GreaterThan(DurationText.Parse(timeout)!.Value));
            Assert.That(unit, Does.ContainKey("WatchdogSec"));
        });
    }

    [Test]
    public async Task A_name_that_is_not_an_identifier_is_kept_for_files_and_converted_for_code()
    {
        var directory = Workplace.NewDirectory();
        await Workplace.RunAsync(directory, "dotnet new cotyledon-worker -n Feed-er.One");
        var program = Path.Combine(directory, "Feed-er.One");
        string Read(string file) => File.ReadAllText(Path.Combine(program, file));

        Assert.Multiple(() =>
        {
            Assert.That(
                ProjectPath().Matches(Read("Feed-er.One.slnx")).Select(match => Path.Combine(program, match.Value)).ToList(),
                Has.Count.EqualTo(2).And.All.Exist);
            Assert.That(Path.Combine(program, "feed-er.one.service"), Does.Exist);
            Assert.That(Read("Dockerfile"), Does.Contain("src/Feed-er.One/Feed-er.One.csproj"));
            Assert.That(Read("test/Feed-er.One.Tests/Feed-er.One.Tests.csproj"), Does.Contain("/Feed-er.One.csproj\""));
            Assert.That(Read("src/Feed-er.One/Worker.cs"), Does.Contain("namespace Feed_er.One;"));
        });
    }

    private static async Task RunUnderWineAsync(string directory)
    {
        // Not the output of the terminal, which contains control sequences, and parts of a line if only these have changed.
        var output = Path.Combine(directory, "output");
        await using var app = Wine.StartInTerminalAs(
            $"'{directory}/MyApp.exe' > '{output}'", start => start.WorkingDirectory = directory);
        await app.UntilAsync(() => Count(output, "Share 0 of 2.") >= 1 && Count(output, "Share 1 of 2.") >= 1, "both workers");

        // As an editor on Windows may write it: with a byte order mark and CR LF.
        var settings = Path.Combine(directory, "appsettings.json");
        var text = (await File.ReadAllTextAsync(settings)).Replace("00:00:05", "00:00:01", StringComparison.Ordinal);
        await File.WriteAllTextAsync(settings, text.ReplaceLineEndings("\r\n"), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await app.UntilAsync(() => Count(output, "The interval is 00:00:01 now.") == 2, "both workers with the new interval");

        app.Command("\x03");
        Assert.That(await app.WaitForExitAsync(), Is.Zero, () => File.ReadAllText(output));
        await app.UntilGoneAsync();
        Assert.That(Count(output, "stopped on request (exit code 0)"), Is.EqualTo(2), () => File.ReadAllText(output));
    }

    private static int Count(string file, string text) =>
        File.Exists(file) ? File.ReadLines(file).Count(line => line.Contains(text, StringComparison.Ordinal)) : 0;

    [GeneratedRegex(@"The interval is 00:00:01 now\.")]
    private static partial Regex NewInterval();

    [GeneratedRegex("configuration was rejected.*Worker:Interval")]
    private static partial Regex RejectedInterval();

    [GeneratedRegex("(?<=Path=\")[^\"]+")]
    private static partial Regex ProjectPath();
}
