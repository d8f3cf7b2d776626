using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.AspNetCore.Actions;

/// <summary>Carries out the actions of the page.</summary>
internal sealed class ActionRunner(ICotyledonManager manager, IReadOnlyList<IQueueAdministration> queues)
{
    private const int MaxDeadItems = 1000;

    private static readonly PageAction[] Actions =
    [
        new("scale", (runner, request, ended) => runner.ScaleServiceAsync(request, _ => Workers(request), ended)),
        new("start", (runner, request, ended) => runner.ScaleServiceAsync(request, StartTarget, ended)),
        new("stop", (runner, request, ended) => runner.ScaleServiceAsync(request, _ => 0, ended)),
        new("reset", (runner, request, ended) => runner.ScaleServiceAsync(request, null, ended)),
        new("restart", (runner, request, ended) => runner.RestartAsync(request, ended)),
        new("reload", (runner, _, ended) => ReloadedAsync(runner.Manager.ReloadAsync(ended))),
        new("kill", (runner, request, ended) => runner.KillAsync(request, ended)),
        new("shutdown", (runner, request, _) => Task.FromResult(runner.Shutdown(request))),
        new("queue.dead", (runner, request, ended) => runner.GetDeadAsync(request, ended)) { IsRead = true },
        new("queue.retry", (runner, request, ended) => runner.SettleAsync(request, (queue, ids) => queue.RetryDeadAsync(ids, ended), ended)),
        new("queue.delete", (runner, request, ended) => runner.SettleAsync(request, (queue, ids) => queue.DeleteDeadAsync(ids, ended), ended)),
    ];

    private ICotyledonManager Manager => manager;

    public static PageAction? Find(string verb) => Array.Find(Actions, action => action.Verb == verb);

    private async Task<ActionResult> ScaleServiceAsync(ActionRequest request, Func<ServiceStatus, int>? target, CancellationToken ended)
    {
        var service = Service(request);
        var workers = target?.Invoke(service) ?? service.ConfiguredTarget;
        var change = target is null ? manager.ResetScaleAsync(service.Name, ended) : manager.ScaleAsync(service.Name, workers, ended);
        var outcome = await change.ConfigureAwait(false);
        if (outcome.Outcome != ScaleOutcome.Scaled)
        {
            throw ActionException.Conflict(string.Join(" ", outcome.Errors));
        }

        var result = new ScaleObject
        {
            Service = service.Name,
            From = service.Target,
            To = workers,
            Configured = service.ConfiguredTarget,
            DurationMs = (long)outcome.Duration.TotalMilliseconds,
        };
        return ActionResult.Of(result, PageJson.Default.ScaleObject, $"{result.From} -> {result.To} workers");
    }

    private static int Workers(ActionRequest request) =>
        request.Workers ?? throw ActionException.Usage("The request has no number of workers.");

    private static int StartTarget(ServiceStatus service) => service switch
    {
        { Target: > 0 } => service.Target,
        { ConfiguredTarget: > 0 } => service.ConfiguredTarget,
        _ => throw ActionException.Usage($"The configured number of workers of service '{service.Name}' is 0. Use scale to start workers."),
    };

    private Task<ActionResult> RestartAsync(ActionRequest request, CancellationToken ended)
    {
        var service = Service(request);
        return ReloadedAsync(request.Worker is { } worker
            ? manager.RestartAsync(service.Name, Worker(service, worker).WorkerId, ended)
            : manager.RestartAsync(service.Name, ended));
    }

    private static async Task<ActionResult> ReloadedAsync(Task<ReloadResult> operation)
    {
        var result = (await operation.ConfigureAwait(false)).ToObject();
        return ActionResult.Of(result, PageJson.Default.ReloadResultObject, result.Outcome);
    }

    private async Task<ActionResult> KillAsync(ActionRequest request, CancellationToken ended)
    {
        var service = Service(request);
        var worker = Worker(service, request.Worker ?? throw ActionException.Usage("The request has no worker id."));
        var incarnation = request.Incarnation ?? worker.Incarnation;
        if (!await manager.KillAsync(service.Name, worker.WorkerId, incarnation, ended).ConfigureAwait(false))
        {
            throw ActionException.Conflict(
                $"Incarnation {incarnation} of {service.Name}({worker.WorkerId}) does not run any more, so nothing was killed.");
        }

        var result = new KillObject
        {
            Killed = true,
            Pid = worker.Incarnation == incarnation ? worker.ProcessId : null,
            Incarnation = incarnation,
        };
        return ActionResult.Of(result, PageJson.Default.KillObject, $"incarnation {incarnation} killed");
    }

    private ActionResult Shutdown(ActionRequest request)
    {
        manager.Shutdown(request.ExitCode ?? 0);
        return ActionResult.Of(new EmptyObject(), PageJson.Default.EmptyObject, "the program stops");
    }

    private async Task<ActionResult> GetDeadAsync(ActionRequest request, CancellationToken ended)
    {
        var items = await Queue(request).GetDeadAsync(Math.Clamp(request.Max ?? MaxDeadItems, 1, MaxDeadItems), ended).ConfigureAwait(false);
        return ActionResult.Of(new DeadItemsObject([.. items.Select(item => item.ToObject())]), PageJson.Default.DeadItemsObject, "");
    }

    private async Task<ActionResult> SettleAsync(
        ActionRequest request, Func<IQueueAdministration, IReadOnlyCollection<long>, Task<int>> settle, CancellationToken ended)
    {
        var queue = Queue(request);
        var count = 0;
        if (request.All)
        {
            // In parts, because each list has the bodies of its items. Items that fail again meanwhile do not make this endless.
            var all = (await queue.GetDepthAsync(ended).ConfigureAwait(false)).Dead;
            for (var (settled, done) = (int.MaxValue, 0); settled > 0 && done < all; count += settled)
            {
                var items = await queue.GetDeadAsync((int)Math.Min(MaxDeadItems, all - done), ended).ConfigureAwait(false);
                done += items.Count;
                settled = items.Count == 0 ? 0 : await settle(queue, [.. items.Select(item => item.Id)]).ConfigureAwait(false);
            }
        }
        else
        {
            count = await settle(queue, request.Ids ?? throw ActionException.Usage("The request names no items.")).ConfigureAwait(false);
        }

        return ActionResult.Of(new CountObject(count), PageJson.Default.CountObject, $"{count} items");
    }

    private ServiceStatus Service(ActionRequest request) =>
        manager.GetStatus().FirstOrDefault(service => service.Name == request.Service)
        ?? throw ActionException.NotFound("The program has no service of this name.");

    private static WorkerStatus Worker(ServiceStatus service, int id) =>
        service.Workers.FirstOrDefault(worker => worker.WorkerId == id)
        ?? throw ActionException.NotFound($"Service '{service.Name}' has no worker with the id {id}.");

    private IQueueAdministration Queue(ActionRequest request) =>
        queues.FirstOrDefault(queue => queue.Name == request.Queue)
        ?? throw ActionException.NotFound("The program has no queue of this name.");

    internal delegate Task<ActionResult> Run(ActionRunner runner, ActionRequest request, CancellationToken ended);

    /// <summary>An action, by the verb of the control protocol.</summary>
    internal sealed record PageAction(string Verb, Run RunAsync)
    {
        /// <summary>Whether the action changes nothing, so that readers may use it.</summary>
        public bool IsRead { get; init; }

        /// <summary>
        /// Describes a request for the log, only with the members that the action has looked up, so that a name is not an arbitrary text.
        /// </summary>
        public string Describe(ActionRequest request) => Verb switch
        {
            "restart" or "kill" when request.Worker is { } worker => $"{Verb} {request.Service}({worker})",
            "scale" or "start" or "stop" or "reset" or "restart" => $"{Verb} {request.Service}",
            "queue.retry" or "queue.delete" => $"{Verb} {request.Queue}",
            _ => Verb,
        };
    }

    /// <summary>The answer to the page, and its short form for the log.</summary>
    internal sealed record ActionResult(string Json, string Outcome)
    {
        public static ActionResult Of<T>(T value, JsonTypeInfo<T> type, string outcome) =>
            new(JsonSerializer.Serialize(value, type), outcome);
    }
}
