using Cotyledon.Hosting.Cli.Client;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>The lines of <c>describe</c>: a name and a value in each.</summary>
internal sealed class DescriptionText(Clock clock)
{
    public IEnumerable<string> Program(Greeting greeting, string program, StatusRecord status)
    {
        var overview = status.Overview;
        return Format(
        [
            ("program", program),
            ("version", $"{SafeText.OrDash(greeting.Version)}, Cotyledon.Hosting {SafeText.OrDash(greeting.Library)}"),
            ("phase", WorkerText.Words(overview?.Phase)),
            ("health", WorkerText.Words(overview?.Health)),
            ("", SafeText.OrDash(overview?.Description)),
            ("started", $"{clock.Of(overview?.StartedAt)}, up {clock.Since(overview?.StartedAt)}"),
            ("processes", Number($"{overview?.Processes ?? 0}, spares ready {overview?.SparesReady ?? 0} of {overview?.SpareTarget ?? 0}")),
            ("master", Usage(overview?.Usage)),
            .. Cluster(overview?.Cluster),
            .. status.Services.OrNone().Select((service, i) => (i == 0 ? "services" : "", $"{SafeText.OrDash(service.Name)}  {Counts(service)}")),
            .. status.Queues.OrNone().Select((queue, i) => (i == 0 ? "queues" : "", Queue(queue))),
            ("access", SafeText.OrDash(greeting.Access)),
        ]);
    }

    public IEnumerable<string> Service(ServiceRecord service) =>
    [
        .. Format([("service", SafeText.OrDash(service.Name)), ("workers", Counts(service))]),
        .. service.Workers.OrNone().SelectMany(worker => (string[])["", .. Worker(service, worker)]),
    ];

    public IEnumerable<string> Worker(ServiceRecord service, WorkerRecord worker)
    {
        var next = worker.NextStartAt is { } at && worker.Pid is null ? $", next start in {clock.Until(at)}" : "";
        return Format(
        [
            ("worker", WorkerText.Name(service.Name, worker.Id)),
            ("state", WorkerText.Words(worker.State) + next),
            ("process", worker.Pid is null ? "-" : Number($"pid {worker.Pid}, incarnation {worker.Incarnation}, started {clock.Of(worker.StartedAt)}, up {clock.Since(worker.StartedAt)}")),
            ("ready", worker.ReadySince is { } ready ? $"since {clock.Of(ready)}" : "-"),
            .. Holder(service, worker),
            ("restarts", Number($"{worker.Restarts}")),
            ("usage", Usage(worker.Usage)),
            .. Load(worker.Usage),
            .. Outdated(worker),
            .. Exit(worker.LastExit),
        ]);
    }

    private IEnumerable<(string, string)> Cluster(ClusterRecord? cluster)
    {
        if (cluster is null)
        {
            yield break;
        }

        yield return ("cluster", $"{SafeText.OrDash(cluster.Name)}, {SafeText.OrDash(cluster.Store)}, read {clock.Of(cluster.ReadAt)}");
        yield return ("", cluster.LeaseEndsAt is { } end ? $"lease until {clock.Of(end)}" : "no lease yet");
        foreach (var other in cluster.Others.OrNone())
        {
            yield return ("", $"other program: {SafeText.Escape(other)}");
        }

        if (cluster.Problem is { } problem)
        {
            yield return ("", $"problem: {SafeText.Escape(problem)}");
        }
    }

    private static IEnumerable<(string, string)> Holder(ServiceRecord service, WorkerRecord worker)
    {
        if (service.ClusterTarget is not null)
        {
            yield return ("held by", worker.Holder is { } holder ? SafeText.Escape(holder) : worker.Pid is null ? "-" : "this program");
        }
    }

    private static IEnumerable<(string, string)> Outdated(WorkerRecord worker)
    {
        if (worker.Outdated == true)
        {
            yield return ("outdated", "runs with older settings than the accepted ones; restart it to apply them");
        }

        if (worker.OtherBuild == true)
        {
            yield return ("outdated", "runs another build of the program than the master");
        }
    }

    private IEnumerable<(string, string)> Exit(ExitRecord? exit)
    {
        if (exit is null)
        {
            yield return ("last exit", "-");
            yield break;
        }

        yield return (
            "last exit",
            $"{clock.Of(exit.Time)}  pid {WorkerText.ProcessId(exit.Pid)}  {WorkerText.Exit(exit)}  ran {Durations.Age(TimeSpan.FromMilliseconds(Math.Clamp(exit.UptimeMs, 0, 1e14)))}");
        if (!string.IsNullOrEmpty(exit.Message))
        {
            yield return ("message", SafeText.Escape(exit.Message));
        }

        foreach (var (line, i) in exit.Stderr.OrNone().Select((line, i) => (line, i)))
        {
            yield return (i == 0 ? "stderr" : "", SafeText.Escape(line));
        }
    }

    private static IEnumerable<(string, string)> Load(UsageRecord? usage) => usage?.Connections is null
        ? []
        : [("web", $"connections {WorkerText.Count(usage.Connections)}, requests {WorkerText.Count(usage.Requests)}")];

    private static string Usage(UsageRecord? usage) => usage is null ? "-" : $"cpu {WorkerText.Cpu(usage)}%, memory {WorkerText.Memory(usage)}";

    private static string Counts(ServiceRecord service)
    {
        if (service.ClusterTarget is { } total)
        {
            return Number($"{service.Ready}/{service.Target} ready here, {total} in the cluster");
        }

        var configured = service.Configured == service.Target ? "" : Number($" (the configuration says {service.Configured})");
        return Number($"{service.Ready}/{service.Target} ready{configured}");
    }

    private static string Queue(QueueRecord queue) => queue.Error is { } error
        ? $"{SafeText.OrDash(queue.Name)}  {SafeText.OrDash(queue.Store)}, not available: {SafeText.Escape(error)}"
        : Number($"{SafeText.OrDash(queue.Name)}  {SafeText.OrDash(queue.Store)}, waiting {queue.Waiting}, taken {queue.Taken}, dead {queue.Dead}");

    private static string Number(FormattableString text) => FormattableString.Invariant(text);

    private static IEnumerable<string> Format(IReadOnlyList<(string Name, string Value)> fields)
    {
        var width = Math.Max(9, fields.Max(field => field.Name.Length));
        return fields.Select(field => $"{field.Name.PadRight(width)}  {field.Value}".TrimEnd());
    }
}
