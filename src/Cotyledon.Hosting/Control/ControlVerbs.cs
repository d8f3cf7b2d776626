using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Control;

/// <summary>The requests that are known. Actions need the right to control the program, and are logged.</summary>
internal static class ControlVerbs
{
    private const int MaxLogged = 300;

    private static readonly Dictionary<string, (bool IsAction, Func<ControlCall, Task<byte[]>> Run)> All = new()
    {
        ["status"] = (false, ControlQueries.StatusAsync),
        ["exits"] = (false, call => Task.FromResult(ControlQueries.Exits(call))),
        ["operations"] = (false, call => Task.FromResult(ControlQueries.Operations(call))),
        ["events"] = (false, ControlEvents.StreamAsync),
        ["queues"] = (false, ControlQueues.ListAsync),
        ["queue.dead"] = (false, ControlQueues.DeadAsync),
        ["scale"] = (true, ControlActions.ScaleAsync),
        ["reset"] = (true, ControlActions.ResetAsync),
        ["start"] = (true, ControlActions.StartAsync),
        ["stop"] = (true, ControlActions.StopAsync),
        ["restart"] = (true, ControlActions.RestartAsync),
        ["reload"] = (true, ControlActions.ReloadAsync),
        ["kill"] = (true, ControlActions.KillAsync),
        ["shutdown"] = (true, call => Task.FromResult(ControlActions.Shutdown(call))),
        ["queue.retry"] = (true, ControlQueues.RetryAsync),
        ["queue.delete"] = (true, ControlQueues.DeleteAsync),
    };

    /// <summary>Handles a request and returns the last line of its answer.</summary>
    /// <exception cref="ControlError">The request is wrong, is not permitted, or has failed.</exception>
    public static Task<byte[]> RunAsync(ControlCall call)
    {
        if (call.Request.Protocol > ControlLines.Protocol)
        {
            throw new ControlError(
                ControlError.ProtocolCode,
                $"The request needs protocol {call.Request.Protocol}, and this program knows protocol {ControlLines.Protocol}.");
        }

        return !All.TryGetValue(call.Request.Do ?? "", out var verb)
            ? throw ControlError.Usage($"'{call.Request.Do}' is not a known request. Known requests: {string.Join(", ", All.Keys.Order())}.")
            : verb.IsAction ? ActAsync(call, verb.Run) : verb.Run(call);
    }

    private static async Task<byte[]> ActAsync(ControlCall call, Func<ControlCall, Task<byte[]>> run)
    {
        if (!call.Peer.MayControl)
        {
            Record(call, "refused: this user may only read", call.Host.Refusals.Write);
            throw new ControlError(
                ControlError.DeniedCode, $"'{call.Request.Do}' needs the right to control the program, and this user may only read.");
        }

        try
        {
            call.Host.EnterAction(isUrgent: call.Request.Do is "kill" or "shutdown" or "stop");
            try
            {
                using var requester = ControlRequester.Use($"control {call.Peer.Name}");
                var answer = await run(call).ConfigureAwait(false);
                Record(call, "done", call.Host.Log);
                return answer;
            }
            finally
            {
                call.Host.LeaveAction();
            }
        }
        catch (Exception e)
        {
            // The change goes on without the client.
            var isAbandoned = e is OperationCanceledException && call.Cancelled.IsCancellationRequested;
            Record(call, isAbandoned ? "requested; its connection was closed" : $"failed: {ExceptionText.Summary(e)}", call.Host.Log);
            throw;
        }
    }

    private static void Record(ControlCall call, string outcome, Action<Action<ILogger>> log)
    {
        var (peer, what, text) = (call.Peer.Name, Shorten(Describe(call.Request)), Shorten(outcome));
        log(logger => Log.ControlAction(logger, peer, what, text));
    }

    /// <summary>Limits the line: a request may have names of any length, and an error may repeat them.</summary>
    private static string Shorten(string text) => LogText.Escape(text.Length <= MaxLogged ? text : text[..MaxLogged] + "...");

    private static string Describe(ControlRequest request)
    {
        var target = request.Worker is { } worker ? $"{request.Service}({worker})" : request.Service ?? request.Queue;
        var ids = request.All == true ? "all" : request.Ids is { } some ? $"{some.Count} items" : null;
        string?[] parts =
        [
            request.Do, target, request.Workers is { } workers ? $"to {workers}" : null, ids,
            request.ExitCode is { } code ? $"with exit code {code}" : null,
        ];
        return string.Join(' ', parts.OfType<string>());
    }
}
