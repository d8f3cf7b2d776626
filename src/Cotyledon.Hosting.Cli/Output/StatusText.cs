using System.Globalization;
using Cotyledon.Hosting.Cli.Client;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>The lines of <c>ps</c>.</summary>
internal sealed class StatusText(Clock clock, Style style)
{
    private static readonly string[] Headers = ["SERVICE", "ID", "STATE", "PID", "INC", "RESTARTS", "UP", "CPU%", "PSS"];

    /// <summary>Shown if a worker has connections: that of a web application.</summary>
    private static readonly string[] LoadHeaders = ["CONNS", "REQUESTS"];

    public IEnumerable<string> Lines(string program, StatusRecord status) =>
        [Header(program, status.Overview), .. Table([.. Rows(status)]), .. Notes(status)];

    /// <summary>One line: what runs, for how long, and whether it is healthy.</summary>
    public string Header(string program, OverviewRecord? overview)
    {
        var health = overview?.Phase is { } phase and not "Running"
            ? new Cell(WorkerText.Words(phase), Tone.Warning)
            : new Cell(Described(WorkerText.Words(overview?.Health), overview?.Description), WorkerText.Health(overview?.Health));
        return $"{style.Of(program, Tone.Bold)}  up {clock.Since(overview?.StartedAt)}  {style.Of(health.Text, health.Tone)}";
    }

    /// <summary>All workers. A service without workers has a row too.</summary>
    public static IEnumerable<WorkerRow> Rows(StatusRecord status) =>
        from service in status.Services.OrNone()
        from worker in service.Workers.OrNone().Cast<WorkerRecord?>().DefaultIfEmpty()
        select new WorkerRow(service, worker);

    public IReadOnlyList<string> Table(IReadOnlyList<WorkerRow> rows)
    {
        var hasLoads = rows.Any(row => row.Worker?.Usage?.Connections is not null);
        var hasHolders = rows.Any(row => row.Service.ClusterTarget is not null);
        var table = new Table([.. Headers, .. hasLoads ? LoadHeaders : [], .. hasHolders ? (string[])["HELD BY"] : [], "LAST EXIT"]);
        foreach (var (service, worker) in rows)
        {
            table.Add(
            [
                SafeText.OrDash(service.Name),
                .. worker is null ? Empty() : Cells(worker),
                .. hasLoads ? Loads(worker?.Usage) : [],
                .. hasHolders ? (Cell[])[HolderOf(service, worker)] : [],
                worker is null ? "-" : WorkerText.Exit(worker.LastExit),
            ]);
        }

        return table.Lines(style);
    }

    /// <summary>Lines for what is rare: running operations, invalid configuration, workers that are not up to date.</summary>
    public IEnumerable<string> Notes(StatusRecord status)
    {
        foreach (var operation in status.Operations.OrNone())
        {
            var target = operation.Service is null ? "" : " " + (operation.Worker is { } worker ? WorkerText.Name(operation.Service, worker) : SafeText.Escape(operation.Service));
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"running: {WorkerText.Words(operation.Kind)}{target} {operation.Done}/{operation.Total}, since {clock.Of(operation.RequestedAt)}, by {SafeText.OrDash(operation.By)}");
        }

        if (status.Overview?.Cluster?.Problem is { } problem)
        {
            yield return style.Of($"cluster store: {SafeText.Escape(problem)}", Tone.Bad);
        }

        foreach (var error in status.Overview?.ConfigurationErrors.OrNone() ?? [])
        {
            yield return style.Of($"invalid configuration: {SafeText.Escape(error)}", Tone.Bad);
        }

        foreach (var (service, worker) in Rows(status).Where(row => row.Worker is { Outdated: true } or { OtherBuild: true }))
        {
            var reason = worker!.OtherBuild == true ? "another build of the program" : "older settings than the accepted ones";
            yield return style.Of($"outdated: {WorkerText.Name(service.Name, worker.Id)} runs with {reason}", Tone.Warning);
        }
    }

    private static string Described(string health, string? description) =>
        string.IsNullOrEmpty(description) ? health : $"{health}: {SafeText.Escape(description)}";

    private static string HolderOf(ServiceRecord service, WorkerRecord? worker) => worker switch
    {
        { Holder: { } holder } => SafeText.Escape(holder),
        { Pid: not null } when service.ClusterTarget is not null => "here",
        _ => "-",
    };

    private static Cell[] Empty() => ["-", "no_workers", "-", "-", "-", "-", "-", "-"];

    private static Cell[] Loads(UsageRecord? usage) => [WorkerText.Count(usage?.Connections), WorkerText.Count(usage?.Requests)];

    private Cell[] Cells(WorkerRecord worker)
    {
        var runs = worker.Pid is not null;
        return
        [
            worker.Id,
            WorkerText.State(worker.State),
            WorkerText.ProcessId(worker.Pid),
            worker.Incarnation,
            worker.Restarts,
            runs ? clock.Since(worker.StartedAt) : "-",
            WorkerText.Cpu(runs ? worker.Usage : null),
            WorkerText.Memory(runs ? worker.Usage : null),
        ];
    }
}
