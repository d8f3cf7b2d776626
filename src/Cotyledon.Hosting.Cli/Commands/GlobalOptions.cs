using System.CommandLine;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>The options that all verbs have.</summary>
internal sealed class GlobalOptions
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    public Option<string?> App { get; } = new("--app", "-a")
    {
        Description = "The program: its name, its pid, or the path of its control socket. Needed only if several programs run.",
        HelpName = "NAME|PID|PATH",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Write only JSON to standard output: one document, or one object per line with --follow.",
        Recursive = true,
    };

    public Option<TimeSpan?> Timeout { get; } = new("--timeout")
    {
        Description = "The longest wait, such as 5s or 2m. The default is 5s, and no limit for actions that wait for workers or queues.",
        HelpName = "TIME",
        Recursive = true,
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            var time = DurationText.Parse(text) ?? DurationText.Parse(text + "s");
            if (time is not { } value || value == System.Threading.Timeout.InfiniteTimeSpan || value <= TimeSpan.Zero || value > TimeSpan.FromDays(40))
            {
                result.AddError($"'{text}' is not a time. Use a number of seconds, or a duration such as 500ms, 30s or 2m.");
                return null;
            }

            return value;
        },
    };

    public Option<bool> Yes { get; } = new("--yes", "-y") { Description = "Do not ask before kill, stop, scale to 0, shutdown and queue delete --all.", Recursive = true };

    public void AddTo(RootCommand root)
    {
        root.Options.Add(App);
        root.Options.Add(Json);
        root.Options.Add(Timeout);
        root.Options.Add(Yes);
    }

    public Invocation Read(ParseResult parse) => new(parse.GetValue(App), parse.GetValue(Json), parse.GetValue(Timeout), parse.GetValue(Yes))
    {
        QuestionTimeout = parse.GetValue(Timeout) ?? DefaultTimeout,
    };
}

/// <summary>The values of the global options.</summary>
internal sealed record Invocation(string? App, bool Json, TimeSpan? Timeout, bool Yes)
{
    public TimeSpan QuestionTimeout { get; init; }
}
