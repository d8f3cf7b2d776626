using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>A service (<c>polling</c>) or one worker of it (<c>polling/1</c>).</summary>
internal sealed record Target(string Service, int? Worker)
{
    public override string ToString() => SafeText.Escape(Worker is { } id ? $"{Service}/{id}" : Service);

    /// <summary>Returns the target with the name of the service as the program writes it.</summary>
    public Target In(StatusRecord status) => this with { Service = FindIn(status).Name! };

    public static Target Parse(string text)
    {
        var slash = text.LastIndexOf('/');
        return slash > 0 && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var worker)
            ? new Target(text[..slash], worker)
            : new Target(text, null);
    }

    public static Argument<Target> Argument(string description) => new("target")
    {
        HelpName = "SERVICE[/ID]",
        Description = description,
        CustomParser = result => Parse(result.Tokens[0].Value),
    };

    public static Argument<Target?> OptionalArgument(string description) => new("target")
    {
        HelpName = "SERVICE[/ID]",
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => result.Tokens.Count > 0 ? Parse(result.Tokens[0].Value) : null,
        DefaultValueFactory = _ => null,
    };

    /// <summary>One worker: a service is an error.</summary>
    public static Argument<Target> WorkerArgument(string description) => new("worker")
    {
        HelpName = "SERVICE/ID",
        Description = description,
        CustomParser = WorkerOf,
    };

    public bool Includes(string? service, int? worker) => IsService(service) && (Worker is null || worker == Worker);

    public ServiceRecord FindIn(StatusRecord status) => status.Services.OrNone().FirstOrDefault(s => IsService(s.Name))
        ?? throw new ToolException(ExitCodes.Usage, $"There is no service '{SafeText.Escape(Service)}'. There are: {Names(status)}.");

    public WorkerRecord FindWorkerIn(StatusRecord status) => FindIn(status).Workers.OrNone().FirstOrDefault(w => w.Id == Worker)
        ?? throw new ToolException(ExitCodes.Usage, $"There is no worker {this}.");

    /// <summary>Letter case does not matter, as in the program.</summary>
    private bool IsService(string? name) => string.Equals(name, Service, StringComparison.OrdinalIgnoreCase);

    private static Target? WorkerOf(ArgumentResult result)
    {
        var target = Parse(result.Tokens[0].Value);
        if (target.Worker is null)
        {
            result.AddError($"'{SafeText.Escape(result.Tokens[0].Value)}' is not a worker. Name a service and a worker id, such as polling/1.");
        }

        return target;
    }

    private static string Names(StatusRecord status) =>
        string.Join(", ", status.Services.OrNone().Select(s => SafeText.OrDash(s.Name)).Take(50).DefaultIfEmpty("none"));
}
