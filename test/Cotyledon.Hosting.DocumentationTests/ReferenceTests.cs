using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The tables of log events, exit reasons and states in the documents of the core package are complete.</summary>
internal sealed partial class ReferenceTests
{
    private static string Readme => Repository.Read("src/Cotyledon.Hosting/README.md");

    private static string Operation => Repository.Read("src/Cotyledon.Hosting/docs/operation.md");

    [Test]
    public void Log_events_from_warning_on_are_listed_with_their_level()
    {
        var levels = typeof(CotyledonHost).Assembly.GetType("Cotyledon.Hosting.Log")!
            .GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Select(m => m.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>()
            .Where(m => m.Level >= LogLevel.Warning)
            .Select(m => $"{m.EventId} {m.EventName} {(m.Level == LogLevel.None ? "Information, Warning" : m.Level)}");
        var listed = EventPattern().Matches(Operation).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value} {row.Groups[3].Value}").ToList();

        Assert.That(listed, Is.EquivalentTo(levels));
        Assert.That(listed.Select(row => int.Parse(row.Split(' ')[0], null)), Is.Ordered);
    }

    [Test]
    public void States_of_workers_are_listed() => Assert.That(
        Enum.GetNames<WorkerState>().Except(FirstCellPattern().Matches(Readme).SelectMany(row => row.Value.Split('`'))), Is.Empty);

    [Test]
    public void Reasons_of_exits_are_listed() => Assert.That(
        Enum.GetNames<WorkerExitReason>().Except(FirstCellPattern().Matches(Operation).SelectMany(row => row.Value.Split('`'))), Is.Empty);

    [GeneratedRegex(@"^\| (\d+) \| `(\w+)` \| ([\w, ]+) \| ", RegexOptions.Multiline)]
    private static partial Regex EventPattern();

    [GeneratedRegex(@"^\| `[\w`, ]+` \| ", RegexOptions.Multiline)]
    private static partial Regex FirstCellPattern();
}
